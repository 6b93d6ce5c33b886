// azd sets these: `azd env set NEARBY_SIZE prod`, and so on. docs/deployment.md lists them.
using 'main.bicep'

param environmentName = readEnvironmentVariable('AZURE_ENV_NAME', 'nearby')
param location = readEnvironmentVariable('AZURE_LOCATION', 'koreacentral')
param size = readEnvironmentVariable('NEARBY_SIZE', 'dev')
param authAuthority = readEnvironmentVariable('NEARBY_AUTH_AUTHORITY')
param authAudience = readEnvironmentVariable('NEARBY_AUTH_AUDIENCE')
param operatorKey = readEnvironmentVariable('NEARBY_OPERATOR_KEY')
param telemetryHashKey = readEnvironmentVariable('NEARBY_TELEMETRY_HASH_KEY')
param postgresPassword = readEnvironmentVariable('NEARBY_POSTGRES_PASSWORD')
param images = {
  api: readEnvironmentVariable('SERVICE_API_IMAGE_NAME', '')
  gateway: readEnvironmentVariable('SERVICE_GATEWAY_IMAGE_NAME', '')
  historyWorker: readEnvironmentVariable('SERVICE_HISTORY_WORKER_IMAGE_NAME', '')
}
param gatewayRevision = readEnvironmentVariable('NEARBY_GATEWAY_REVISION', '')
param metricsEndpoint = readEnvironmentVariable('NEARBY_METRICS_ENDPOINT', '')
