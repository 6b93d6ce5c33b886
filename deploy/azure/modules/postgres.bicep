// A PostgreSQL server, or an elastic cluster (Citus), in the network; a connection string for each database is a secret of the vault.
import { PostgresSize, poolSize } from '../sizes.bicep'

param location string
param tags object
param name string
param size PostgresSize

@description('Each with the number of replicas that share the server\'s connections.')
param databases { name: string, replicas: int }[]

@secure()
param password string
param vaultName string
param network { subnetId: string, zoneId: string }

var login = 'nearbyfriends'
var isCluster = size.nodes > 0

resource server 'Microsoft.DBforPostgreSQL/flexibleServers@2025-08-01' = {
  name: name
  location: location
  tags: tags
  sku: { name: size.sku, tier: size.tier }
  properties: {
    version: '17'
    administratorLogin: login
    administratorLoginPassword: password
    // A cluster has one database, made with it.
    cluster: isCluster ? { clusterSize: size.nodes, defaultDatabaseName: databases[0].name } : null
    storage: { storageSizeGB: size.storageGB, autoGrow: 'Enabled' }
    backup: { backupRetentionDays: 14, geoRedundantBackup: 'Disabled' }
    highAvailability: { mode: size.highAvailability ? 'ZoneRedundant' : 'Disabled' }
    network: { delegatedSubnetResourceId: network.subnetId, privateDnsZoneArmResourceId: network.zoneId, publicNetworkAccess: 'Disabled' }
  }
}

resource connections 'Microsoft.DBforPostgreSQL/flexibleServers/configurations@2025-08-01' = {
  parent: server
  name: 'max_connections'
  properties: { value: string(size.connections), source: 'user-override' }
}

resource made 'Microsoft.DBforPostgreSQL/flexibleServers/databases@2025-08-01' = [
  for database in databases: if (!isCluster) {
    parent: server
    name: database.name
    properties: { charset: 'UTF8', collation: 'C' }
    dependsOn: [connections] // one change of a server at a time
  }
]

resource vault 'Microsoft.KeyVault/vaults@2025-05-01' existing = {
  name: vaultName
}

// On a cluster, port 7432 spreads connections over all nodes (Microsoft Learn, "Elastic clusters in Azure Database for PostgreSQL").
var port = isCluster ? 7432 : 5432

resource secrets 'Microsoft.KeyVault/vaults/secrets@2025-05-01' = [
  for database in databases: {
    parent: vault
    name: database.name
    properties: {
      value: 'Host=${server.properties.fullyQualifiedDomainName};Port=${port};Database=${database.name};Username=${login};Password=${password};Ssl Mode=VerifyFull;Maximum Pool Size=${poolSize(size.connections, database.replicas)}'
    }
  }
]
