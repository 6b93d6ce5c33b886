// What each size of the system is made of. The arithmetic behind the numbers is docs/deployment.md, "Sizes and costs".

@description('A service: the least and the most replicas, and what each has. Container Apps gives at most 4 cores with 8 Gi without a dedicated profile.')
@export()
type ServiceSize = {
  replicas: { min: int, max: int }
  cpu: string
  memory: string
}

@description('A Postgres server: one, or with nodes > 0 an elastic cluster (Citus) of so many.')
@export()
type PostgresSize = {
  nodes: int
  tier: 'Burstable' | 'GeneralPurpose' | 'MemoryOptimized'
  sku: string
  storageGB: int
  @description('max_connections of the server; of a cluster, of each node.')
  connections: int
  highAvailability: bool
}

@export()
type Size = {
  @description('Replicas in several zones, and ingress on machines of its own, whose idle timeout can be set.')
  zones: bool
  api: ServiceSize
  gateway: ServiceSize
  @description('Sessions on a gateway at which another one is started.')
  sessionsPerGateway: int
  worker: ServiceSize
  cacheSku: string
  streamSku: string
  redisHighAvailability: bool
  @description('One server for both databases, or one for each.')
  postgres: { users: PostgresSize, history: PostgresSize? }
}

@export()
var sizes = {
  // To look at: one of everything, a few thousand phones.
  dev: {
    zones: false
    api: { replicas: { min: 1, max: 2 }, cpu: '0.5', memory: '1Gi' }
    gateway: { replicas: { min: 1, max: 2 }, cpu: '0.5', memory: '1Gi' }
    sessionsPerGateway: 2000
    worker: { replicas: { min: 1, max: 2 }, cpu: '0.5', memory: '1Gi' }
    cacheSku: 'Balanced_B0'
    streamSku: 'Balanced_B0'
    redisHighAvailability: false
    postgres: {
      users: { nodes: 0, tier: 'Burstable', sku: 'Standard_B2s', storageGB: 32, connections: 200, highAvailability: false }
      history: null
    }
  }
  // Some 500,000 phones: fifteen gateways of 35,000, of which five may be missing with one zone of three.
  prod: {
    zones: true
    api: { replicas: { min: 3, max: 12 }, cpu: '1.0', memory: '2Gi' }
    gateway: { replicas: { min: 3, max: 16 }, cpu: '2.0', memory: '4Gi' }
    sessionsPerGateway: 35000
    worker: { replicas: { min: 2, max: 8 }, cpu: '1.0', memory: '2Gi' }
    cacheSku: 'Balanced_B10'
    streamSku: 'Balanced_B5'
    redisHighAvailability: true
    postgres: {
      users: { nodes: 0, tier: 'GeneralPurpose', sku: 'Standard_D4ds_v5', storageGB: 512, connections: 800, highAvailability: true }
      history: { nodes: 0, tier: 'GeneralPurpose', sku: 'Standard_D8ds_v5', storageGB: 16384, connections: 400, highAvailability: true }
    }
  }
  // Ten million phones in two regions: this is one of them, five million.
  sharded: {
    zones: true
    api: { replicas: { min: 6, max: 40 }, cpu: '2.0', memory: '4Gi' }
    gateway: { replicas: { min: 20, max: 80 }, cpu: '4.0', memory: '8Gi' }
    sessionsPerGateway: 70000
    worker: { replicas: { min: 4, max: 16 }, cpu: '2.0', memory: '4Gi' }
    cacheSku: 'Balanced_B50'
    streamSku: 'Balanced_B20'
    redisHighAvailability: true
    postgres: {
      users: { nodes: 8, tier: 'MemoryOptimized', sku: 'Standard_E16ds_v5', storageGB: 4096, connections: 3000, highAvailability: true }
      history: { nodes: 16, tier: 'MemoryOptimized', sku: 'Standard_E16ds_v5', storageGB: 16384, connections: 2000, highAvailability: true }
    }
  }
}

// Kept free for people, migrations and the platform's own connections.
var reservedConnections = 30

@description('Connections that each of these replicas may have: the server\'s, shared out to as many as there can be, old and new ones of a release counted.')
@export()
func poolSize(connections int, replicas int) int => (connections - reservedConnections) / replicas
