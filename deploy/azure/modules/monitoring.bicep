// Where logs and traces go. Metrics are for a Prometheus: Application Insights takes none from the environment's OpenTelemetry agent
// (Microsoft Learn, "Collect and read OpenTelemetry data in Azure Container Apps").
param location string
param tags object
param token string

resource workspace 'Microsoft.OperationalInsights/workspaces@2025-07-01' = {
  name: 'log-${token}'
  location: location
  tags: tags
  properties: { retentionInDays: 30, sku: { name: 'PerGB2018' } }
}

resource insights 'Microsoft.Insights/components@2020-02-02' = {
  name: 'appi-${token}'
  location: location
  tags: tags
  kind: 'web'
  properties: { Application_Type: 'web', WorkspaceResourceId: workspace.id }
}

output workspaceName string = workspace.name
output insightsName string = insights.name
