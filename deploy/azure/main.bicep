// The whole system in Azure: Container Apps for the services, Azure Managed Redis for fan-out, location cache and history stream,
// PostgreSQL for people and history. `azd up` deploys it; docs/deployment.md says how, and what of it has not been tried.
targetScope = 'subscription'

import { sizes } from 'sizes.bicep'

@description('Of the azd environment; names the resource group, and is part of each name.')
@minLength(1)
@maxLength(20)
param environmentName string

@description('Region of everything.')
param location string

@description('dev: to look at. prod: one Postgres server for each database. sharded: elastic clusters (Citus).')
param size 'dev' | 'prod' | 'sharded'

@description('Issuer of the tokens: the address of an OpenID Connect provider.')
param authAuthority string

@description('Audience of the tokens.')
param authAudience string

@secure()
@description('What operators send as X-Operator-Key; 16 characters or more.')
@minLength(16)
param operatorKey string

@secure()
@description('Key by which ids of users are hashed in traces and logs; 16 characters or more.')
@minLength(16)
param telemetryHashKey string

@secure()
@description('Of the Postgres servers.')
@minLength(16)
param postgresPassword string

@description('Images of the services; azd sets them. Empty before the first deployment.')
param images { api: string, gateway: string, historyWorker: string }

@description('Revision of the gateways that has the traffic, as deploy/azure/blue-green.sh left it; empty: the newest.')
param gatewayRevision string

@description('OTLP endpoint that takes metrics, such as a Prometheus or a collector; empty: none. Traces and logs go to Application Insights.')
param metricsEndpoint string

var chosen = sizes[size]
var tags = { 'azd-env-name': environmentName }
var token = toLower(uniqueString(subscription().id, environmentName, location))

resource group 'Microsoft.Resources/resourceGroups@2025-04-01' = {
  name: 'rg-${environmentName}'
  location: location
  tags: tags
}

module network 'modules/network.bicep' = {
  scope: group
  params: { location: location, tags: tags, token: token }
}

module monitoring 'modules/monitoring.bicep' = {
  scope: group
  params: { location: location, tags: tags, token: token }
}

module identity 'modules/identity.bicep' = {
  scope: group
  params: { location: location, tags: tags, token: token }
}

module registry 'modules/registry.bicep' = {
  scope: group
  params: { location: location, tags: tags, token: token, zones: chosen.zones, principalId: identity.outputs.principalId }
}

module vault 'modules/vault.bicep' = {
  scope: group
  params: {
    location: location
    tags: tags
    token: token
    principalId: identity.outputs.principalId
    operatorKey: operatorKey
    telemetryHashKey: telemetryHashKey
  }
}

// Fan-out by sharded pub/sub and the location cache, on one cluster: nothing on it needs to survive.
module cache 'modules/redis.bicep' = {
  scope: group
  params: {
    location: location
    tags: tags
    name: 'redis-cache-${token}'
    sku: chosen.cacheSku
    highAvailability: chosen.redisHighAvailability
    use: 'cluster'
    vaultName: vault.outputs.name
    secretName: 'redis-cluster'
    network: network.outputs.redis
  }
}

// The buffer between gateways and history.
module stream 'modules/redis.bicep' = {
  scope: group
  params: {
    location: location
    tags: tags
    name: 'redis-stream-${token}'
    sku: chosen.streamSku
    highAvailability: chosen.redisHighAvailability
    use: 'stream'
    vaultName: vault.outputs.name
    secretName: 'history-stream'
    network: network.outputs.redis
  }
}

// A release runs old and new gateways side by side, so they count twice.
var usersReplicas = chosen.api.replicas.max + 2 * chosen.gateway.replicas.max
var historyReplicas = chosen.api.replicas.max + chosen.worker.replicas.max
var oneServer = chosen.postgres.history == null

module users 'modules/postgres.bicep' = {
  scope: group
  params: {
    location: location
    tags: tags
    name: 'pg-users-${token}'
    size: chosen.postgres.users
    databases: oneServer
      ? [{ name: 'users', replicas: usersReplicas + historyReplicas }, { name: 'history', replicas: usersReplicas + historyReplicas }]
      : [{ name: 'users', replicas: usersReplicas }]
    password: postgresPassword
    vaultName: vault.outputs.name
    network: network.outputs.postgres
  }
}

module history 'modules/postgres.bicep' = if (!oneServer) {
  scope: group
  params: {
    location: location
    tags: tags
    name: 'pg-history-${token}'
    size: chosen.postgres.?history ?? chosen.postgres.users
    databases: [{ name: 'history', replicas: historyReplicas }]
    password: postgresPassword
    vaultName: vault.outputs.name
    network: network.outputs.postgres
  }
}

module environment 'modules/environment.bicep' = {
  scope: group
  params: {
    location: location
    tags: tags
    token: token
    zones: chosen.zones
    subnetId: network.outputs.appsSubnetId
    workspaceName: monitoring.outputs.workspaceName
    insightsName: monitoring.outputs.insightsName
    metricsEndpoint: metricsEndpoint
  }
}

module apps 'modules/apps.bicep' = {
  scope: group
  params: {
    location: location
    tags: tags
    size: chosen
    environmentName: environment.outputs.name
    identityId: identity.outputs.id
    registry: registry.outputs.server
    vaultUri: vault.outputs.uri
    images: images
    authAuthority: authAuthority
    authAudience: authAudience
    gatewayRevision: gatewayRevision
    streamHost: stream.outputs.address
  }
  // Their secrets.
  dependsOn: [cache, users, history]
}

output AZURE_CONTAINER_REGISTRY_ENDPOINT string = registry.outputs.server
output AZURE_RESOURCE_GROUP string = group.name
output API_ADDRESS string = apps.outputs.apiAddress
output GATEWAY_ADDRESS string = apps.outputs.gatewayAddress
