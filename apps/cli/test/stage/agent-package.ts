/** Agent package: a small package of the agent, such as `npm run pack` makes, whose parts are a few bytes. */
import { digestOf } from '@skerry/platform/files/hash'
import { tarOf } from '@skerry/testkit/images/tar'

/** The only part. */
export const packageCode = Buffer.from('the code')

export const packageManifest = {
  v: 1,
  version: '0.2.0',
  architectures: ['x64'],
  node: { version: '24.1.0' },
  entry: 'main.js',
  launcher: 'launcher.js',
  parts: [{ path: 'parts/code.tar', digest: digestOf(packageCode), sizeBytes: packageCode.length, form: 'archive' }],
}

/** The bytes of the package. */
export const agentPackage = (content: object = packageManifest, bytes: Buffer = packageCode): Uint8Array =>
  tarOf([
    { path: 'agent.json', bytes: Buffer.from(JSON.stringify(content)) },
    { path: 'parts/code.tar', bytes },
  ])
