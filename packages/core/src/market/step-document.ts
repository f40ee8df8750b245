/** Step document: a step of an installation as a document, which people can review and keep. */
import type { InstallStep } from '@skerry/contract/market/installation'
import { MANIFEST_VERSION, shortManifest } from '../deployments/deployment-manifest.ts'

/** In the form of "skerry apply" if the step has one. */
export function stepDocument(step: InstallStep): object {
  switch (step.does) {
    case 'deploy':
      return shortManifest(step.spec)
    case 'set-connection': {
      const { connection, name, scope, spec } = step
      const { name: _, ...rest } = spec
      return { kind: connection === 'source' ? 'Source' : 'Sink', metadata: { name, scope }, spec: rest }
    }
    case 'push': {
      const { name, files, labels } = step.push
      return { apiVersion: MANIFEST_VERSION, kind: 'Version', metadata: { name, labels }, files }
    }
    case 'remove-deployment':
      return { remove: 'Deployment', metadata: { name: step.deployment } }
    case 'remove-connection':
      return { remove: step.connection, metadata: { name: step.name, scope: step.scope } }
  }
}
