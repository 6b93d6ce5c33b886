// An Azure Managed Redis behind a private endpoint; its connection string is a secret of the vault.
param location string
param tags object
param name string
param sku string
param highAvailability bool

@description('cluster: sharded pub/sub and cache, nothing kept; clients speak Redis Cluster. stream: one shard, on disk every second, full means full.')
param use 'cluster' | 'stream'

param vaultName string
param secretName string
param network { subnetId: string, zoneId: string }

resource server 'Microsoft.Cache/redisEnterprise@2025-07-01' = {
  name: name
  location: location
  tags: tags
  sku: { name: sku }
  properties: {
    highAvailability: highAvailability ? 'Enabled' : 'Disabled'
    minimumTlsVersion: '1.2'
    publicNetworkAccess: 'Disabled'
  }
}

resource database 'Microsoft.Cache/redisEnterprise/databases@2025-07-01' = {
  parent: server
  name: 'default'
  properties: {
    accessKeysAuthentication: 'Enabled'
    clientProtocol: 'Encrypted'
    clusteringPolicy: use == 'cluster' ? 'OSSCluster' : 'NoCluster'
    // Full means full: the cache must not forget who hid, nor the stream what is not stored yet.
    evictionPolicy: 'NoEviction'
    persistence: use == 'cluster' ? { aofEnabled: false, rdbEnabled: false } : { aofEnabled: true, aofFrequency: '1s' }
    port: 10000
  }
}

resource endpoint 'Microsoft.Network/privateEndpoints@2025-01-01' = {
  name: 'pe-${name}'
  location: location
  tags: tags
  properties: {
    subnet: { id: network.subnetId }
    privateLinkServiceConnections: [
      { name: 'redis', properties: { privateLinkServiceId: server.id, groupIds: ['redisEnterprise'] } }
    ]
  }

  resource zone 'privateDnsZoneGroups' = {
    name: 'redis'
    properties: { privateDnsZoneConfigs: [{ name: 'redis', properties: { privateDnsZoneId: network.zoneId } }] }
  }
}

resource vault 'Microsoft.KeyVault/vaults@2025-05-01' existing = {
  name: vaultName

  resource connection 'secrets' = {
    name: secretName
    properties: { value: '${server.properties.hostName}:10000,password=${database.listKeys().primaryKey},ssl=True' }
  }

  // By itself, for the scaler of the history workers.
  resource password 'secrets' = if (use == 'stream') {
    name: '${secretName}-password'
    properties: { value: database.listKeys().primaryKey }
  }
}

output address string = '${server.properties.hostName}:10000'
