// The three services, and what each is told. The names are those of the AppHost's manifest; a test compares them.
import { Size } from '../sizes.bicep'

param location string
param tags object
param size Size
param environmentName string
param identityId string
param registry string
param vaultUri string
param images { api: string, gateway: string, historyWorker: string }
param authAuthority string
param authAudience string
param gatewayRevision string

@description('host:port of the stream\'s Redis.')
param streamHost string

resource environment 'Microsoft.App/managedEnvironments@2026-01-01' existing = {
  name: environmentName
}

var domain = environment.properties.defaultDomain
var apiAddress = 'https://api.${domain}'
var gatewayAddress = 'https://gateway.${domain}'

// Who may call, and how updates travel: what services that serve people are told. `secret` names a secret of the vault.
var shared = [
  { name: 'Auth__Authority', value: authAuthority }
  { name: 'Auth__Audience', value: authAudience }
  { name: 'Auth__OperatorKey', secret: 'operator-key' }
  { name: 'Telemetry__HashKey', secret: 'telemetry-hash-key' }
  // The environment's own network, in which its ingress is: "Networking in Azure Container Apps environment", reserved ranges.
  { name: 'Proxies__Networks__0', value: '100.100.0.0/16' }
  { name: 'ConnectionStrings__users', secret: 'users' }
  { name: 'ConnectionStrings__location-cache', secret: 'redis-cluster' }
  { name: 'LocationCache__Cluster', value: 'true' }
  { name: 'Fanout__Transport', value: 'Cluster' }
  { name: 'Fanout__Cluster', value: 'redis-cluster' }
  { name: 'ConnectionStrings__redis-cluster', secret: 'redis-cluster' }
]

var platform = {
  location: location
  tags: tags
  environmentId: environment.id
  identityId: identityId
  registry: registry
  vaultUri: vaultUri
}

module api 'app.bicep' = {
  params: {
    platform: platform
    name: 'api'
    image: images.api
    size: size.api
    ingress: 'outside'
    // Requests are short.
    terminationGracePeriodSeconds: 60
    env: [
      ...shared
      { name: 'ConnectionStrings__history', secret: 'history' }
      { name: 'Web__Enabled', value: 'true' }
      { name: 'Web__Gateway', value: gatewayAddress }
    ]
    rules: [{ name: 'requests', http: { metadata: { concurrentRequests: '100' } } }]
  }
}

module gateway 'app.bicep' = {
  params: {
    platform: platform
    name: 'gateway'
    image: images.gateway
    size: size.gateway
    ingress: 'outside'
    releases: 'blue-green'
    revision: gatewayRevision
    // More than Gateway:DrainDelay (5 s), Gateway:DrainTime (8 min) and 20 s; 600 s is the most that Container Apps grants.
    terminationGracePeriodSeconds: 600
    env: [
      ...shared
      { name: 'ConnectionStrings__history-stream', secret: 'history-stream' }
      { name: 'Gateway__Origins__0', value: apiAddress }
    ]
    rules: [
      { name: 'cpu', custom: { type: 'cpu', metadata: { type: 'Utilization', value: '60' } } }
      {
        // Sockets are no requests, so the rule on requests does not see them; a gateway knows how many all of them have.
        name: 'sessions'
        custom: {
          type: 'metrics-api'
          metadata: {
            url: '${gatewayAddress}/v1/ops/gateways'
            valueLocation: 'sessions'
            targetValue: string(size.sessionsPerGateway)
            authMode: 'apiKey'
            method: 'header'
            keyParamName: 'X-Operator-Key'
          }
          auth: [{ secretRef: 'operator-key', triggerParameter: 'apiKey' }]
        }
      }
    ]
  }
}

module worker 'app.bicep' = {
  params: {
    platform: platform
    name: 'history-worker'
    image: images.historyWorker
    size: size.worker
    ingress: 'none'
    // History:DrainTime and 20 s.
    terminationGracePeriodSeconds: 60
    env: [
      { name: 'ConnectionStrings__history-stream', secret: 'history-stream' }
      { name: 'ConnectionStrings__history', secret: 'history' }
    ]
    extraSecrets: ['history-stream-password']
    rules: [
      {
        // Users are spread evenly over 16 streams, so one of them tells of all.
        name: 'lag'
        custom: {
          type: 'redis-streams'
          metadata: {
            address: streamHost
            stream: 'history:0'
            consumerGroup: 'history-workers'
            lagCount: '50'
            enableTLS: 'true'
          }
          auth: [{ secretRef: 'history-stream-password', triggerParameter: 'password' }]
        }
      }
    ]
  }
}

output apiAddress string = apiAddress
output gatewayAddress string = gatewayAddress
