// Images of the services. Copies in several zones come with Premium.
param location string
param tags object
@minLength(13)
param token string
param zones bool
param principalId string

resource registry 'Microsoft.ContainerRegistry/registries@2025-11-01' = {
  name: 'cr${token}'
  location: location
  tags: tags
  sku: { name: zones ? 'Premium' : 'Basic' }
  properties: { adminUserEnabled: false, zoneRedundancy: zones ? 'Enabled' : 'Disabled' }
}

// "AcrPull", of Microsoft Learn, "Azure built-in roles".
var pull = subscriptionResourceId('Microsoft.Authorization/roleDefinitions', '7f951dda-4ed3-4680-a7ca-43fe172d538d')

resource mayPull 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(registry.id, principalId, pull)
  scope: registry
  properties: { principalId: principalId, principalType: 'ServicePrincipal', roleDefinitionId: pull }
}

output server string = registry.properties.loginServer
