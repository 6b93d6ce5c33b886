// A service of this system as a container app.
import { ServiceSize } from '../sizes.bicep'

@description('What all services have in common.')
param platform { location: string, tags: object, environmentId: string, identityId: string, registry: string, vaultUri: string }

@description('Of the app, and of the azd service.')
param name string

@description('Empty before the first deployment: then a page of Microsoft\'s stands in.')
param image string
param size ServiceSize
param ingress 'outside' | 'none'

@description('rolling: the platform replaces the old revision. blue-green: both run, and deploy/azure/blue-green.sh moves the traffic.')
param releases 'rolling' | 'blue-green' = 'rolling'

@description('With blue-green, the revision that has the traffic; empty: the newest.')
param revision string = ''

@description('SIGTERM to SIGKILL; at most 600 s.')
@maxValue(600)
param terminationGracePeriodSeconds int

@description('Settings: a value, or the name of a secret in the vault.')
param env { name: string, value: string?, secret: string? }[]

@description('Secrets that only a scale rule reads.')
param extraSecrets string[] = []
param rules array

var secrets = union(map(filter(env, one => one.?secret != null), one => one.?secret ?? ''), extraSecrets)
var port = 8080
var probes = [
  // Up to two minutes to start: a gateway is not ready before it has read the journal.
  { type: 'Startup', httpGet: { path: '/health', port: port }, periodSeconds: 2, failureThreshold: 60, timeoutSeconds: 5 }
  // Less than Gateway:DrainDelay (5 s) from draining to out of the ingress.
  { type: 'Readiness', httpGet: { path: '/health', port: port }, periodSeconds: 2, failureThreshold: 1, timeoutSeconds: 5 }
  { type: 'Liveness', httpGet: { path: '/alive', port: port }, periodSeconds: 10, failureThreshold: 6, timeoutSeconds: 5 }
]

resource app 'Microsoft.App/containerApps@2026-01-01' = {
  name: name
  location: platform.location
  tags: union(platform.tags, { 'azd-service-name': name })
  identity: { type: 'UserAssigned', userAssignedIdentities: { '${platform.identityId}': {} } }
  properties: {
    environmentId: platform.environmentId
    workloadProfileName: 'Consumption'
    configuration: {
      activeRevisionsMode: releases == 'blue-green' ? 'Multiple' : 'Single'
      maxInactiveRevisions: 10
      registries: [{ server: platform.registry, identity: platform.identityId }]
      secrets: [for secret in secrets: { name: secret, keyVaultUrl: '${platform.vaultUri}secrets/${secret}', identity: platform.identityId }]
      ingress: ingress == 'none' ? null : {
        external: true
        targetPort: port
        transport: 'auto'
        allowInsecure: false
        traffic: releases == 'rolling' ? null : [
          empty(revision) ? { latestRevision: true, weight: 100 } : { revisionName: '${name}--${revision}', weight: 100 }
        ]
      }
    }
    template: {
      terminationGracePeriodSeconds: terminationGracePeriodSeconds
      containers: [
        {
          name: 'service'
          image: empty(image) ? 'mcr.microsoft.com/k8se/quickstart:latest' : image
          resources: { cpu: json(size.cpu), memory: size.memory }
          env: map(env, one => union({ name: one.name }, one.?secret == null ? { value: one.?value } : { secretRef: one.?secret }))
          probes: empty(image) ? [] : probes
        }
      ]
      scale: {
        minReplicas: size.replicas.min
        maxReplicas: size.replicas.max
        // Slow to shrink: each gateway that goes sends its sessions to the others.
        cooldownPeriod: 600
        pollingInterval: 30
        rules: rules
      }
    }
  }
}
