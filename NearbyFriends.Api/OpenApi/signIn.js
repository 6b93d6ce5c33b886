// Signs the reference page in as the demo's user, so that every call can be tried at once. Served in Development only.
'use strict'

const post = (path, body) =>
  fetch(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })

async function accessToken(userName) {
  let answer = await post('/v1/dev/tokens', { userName })
  if (answer.status === 404) {
    // Without the simulator nobody has made the user.
    await post('/v1/users', { userName, displayName: 'Visitor' })
    answer = await post('/v1/dev/tokens', { userName })
  }
  if (!answer.ok) throw new Error(`No token for the user ${userName}: ${answer.status}.`)
  return (await answer.json()).accessToken
}

// Swagger UI knows the scheme once it has loaded the document.
function authorize(token) {
  if (!window.ui?.preauthorizeApiKey('bearer', token)) setTimeout(authorize, 50, token)
}

accessToken('visitor').then(authorize)
