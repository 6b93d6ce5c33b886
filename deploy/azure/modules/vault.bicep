// Secrets of the services, which read them as they start: rotating one takes a new version here and a new revision of the apps.
param location string
param tags object
param token string
param principalId string

@secure()
param operatorKey string

@secure()
param telemetryHashKey string

resource vault 'Microsoft.KeyVault/vaults@2025-05-01' = {
  name: 'kv-${token}'
  location: location
  tags: tags
  properties: {
    tenantId: tenant().tenantId
    sku: { family: 'A', name: 'standard' }
    enableRbacAuthorization: true
    enablePurgeProtection: true
    softDeleteRetentionInDays: 90
  }
}

// Those of servers are added by their modules.
resource operatorKeySecret 'Microsoft.KeyVault/vaults/secrets@2025-05-01' = {
  parent: vault
  name: 'operator-key'
  properties: { value: operatorKey }
}

resource hashKeySecret 'Microsoft.KeyVault/vaults/secrets@2025-05-01' = {
  parent: vault
  name: 'telemetry-hash-key'
  properties: { value: telemetryHashKey }
}

// "Key Vault Secrets User", of Microsoft Learn, "Azure built-in roles".
var read = subscriptionResourceId('Microsoft.Authorization/roleDefinitions', '4633458b-17de-408a-b874-0445c86b69e6')

resource mayRead 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(vault.id, principalId, read)
  scope: vault
  properties: { principalId: principalId, principalType: 'ServicePrincipal', roleDefinitionId: read }
}

output name string = vault.name
output uri string = vault.properties.vaultUri
