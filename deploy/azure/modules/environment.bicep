// Where the apps run: an environment of Container Apps in the network, its logs, traces and ingress.
param location string
param tags object
param token string
param zones bool
param subnetId string
param workspaceName string
param insightsName string
param metricsEndpoint string

resource workspace 'Microsoft.OperationalInsights/workspaces@2025-07-01' existing = {
  name: workspaceName
}

resource insights 'Microsoft.Insights/components@2020-02-02' existing = {
  name: insightsName
}

// Ingress on two machines or more of its own ("premium ingress"): without it an idle connection ends after 240 s, and a stopping ingress
// gives connections little time. Minutes and seconds as Microsoft Learn has them, "Ingress in Azure Container Apps".
var ingressProfile = 'ingress'
var ingress = {
  workloadProfileName: ingressProfile
  requestIdleTimeout: 30
  terminationGracePeriodSeconds: 600
}

// The agent that passes OpenTelemetry on is in preview versions only.
#disable-next-line use-recent-api-versions
resource environment 'Microsoft.App/managedEnvironments@2025-10-02-preview' = {
  name: 'cae-${token}'
  location: location
  tags: tags
  properties: {
    zoneRedundant: zones
    vnetConfiguration: { infrastructureSubnetId: subnetId, internal: false }
    workloadProfiles: concat(
      [{ name: 'Consumption', workloadProfileType: 'Consumption' }],
      zones ? [{ name: ingressProfile, workloadProfileType: 'D4', minimumCount: 2, maximumCount: 10 }] : []
    )
    ingressConfiguration: zones ? ingress : null
    appLogsConfiguration: {
      destination: 'log-analytics'
      logAnalyticsConfiguration: { customerId: workspace.properties.customerId, sharedKey: workspace.listKeys().primarySharedKey }
    }
    appInsightsConfiguration: { connectionString: insights.properties.ConnectionString }
    openTelemetryConfiguration: {
      tracesConfiguration: { destinations: ['appInsights'] }
      logsConfiguration: { destinations: ['appInsights'] }
      metricsConfiguration: { destinations: empty(metricsEndpoint) ? [] : ['metrics'] }
      destinationsConfiguration: {
        otlpConfigurations: empty(metricsEndpoint) ? [] : [{ name: 'metrics', endpoint: metricsEndpoint, insecure: false }]
      }
    }
  }
}

output name string = environment.name
