// Asks the hub of this container whether it can work. Its certificate is not checked: it names the hub, and this is the same machine.
import { request } from 'node:https'

const url = process.env.SKERRY_HEALTH_URL ?? 'https://127.0.0.1:8443/readyz'
const asked = request(url, { rejectUnauthorized: false, timeout: 4000 }, (answer) => {
  answer.resume()
  process.exitCode = answer.statusCode === 200 ? 0 : 1
})
asked.on('timeout', () => asked.destroy(new Error('no answer')))
asked.on('error', () => {
  process.exitCode = 1
})
asked.end()
