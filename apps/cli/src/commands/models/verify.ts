import { verifyModel } from '@skerry/platform/signatures/model-signature'
import { asIs, command, list, required, value } from '../../program/command.ts'
import { cliProblems, Failure } from '../../program/failure.ts'
import { readText } from '../../program/input-file.ts'
import type { Session } from '../../program/session.ts'
import { countText } from '../../program/terminal/words.ts'
import { parseModelReference } from '../../program/values.ts'
import { hashFolder, readBundle } from './files/pulled-model.ts'
import { originText } from './lineage-view.ts'
import { expectedOutputs } from './pushed/expected-outputs.ts'

export const verifyPulledModel = command({
  name: 'model verify',
  summary: 'Verify that a folder has exactly the signed files',
  details:
    'With --key, no hub is needed. Without --key, the command trusts the keys of the hub that you are signed in to.',
  examples: ['skerry model verify ./anomaly', 'skerry model verify ./anomaly --key hub.pub --is anomaly:2'],
  arguments: { folder: required('<folder>', 'folder with the files and model.sig', asIs) },
  options: {
    keys: list('--key <file>', 'trusted public key, PEM', asIs),
    expected: value('--is <version>', 'the expected version, as NAME:VERSION', parseExpected),
  },
  async run({ folder, keys, expected }, session) {
    const { bundle, name } = await readBundle(folder)
    const trusted = keys.length > 0 ? await Promise.all(keys.map(readText)) : await keysOfHub(session)
    const resources = await hashFolder(folder, session.signal)
    const verdict = verifyModel(bundle, trusted, { name: expected ?? name, resources })
    if (!verdict.ok) {
      const { exitCode, next } = cliProblems.model_signature_refused
      throw new Failure({ code: verdict.code, message: verdict.message, exitCode, next })
    }
    session.print({
      json: {
        name: verdict.name,
        keyId: verdict.keyId,
        files: resources,
        lineage: verdict.lineage,
        goldenSource: verdict.goldenSource,
      },
      text: () =>
        [
          `${verdict.name}: ${countText(resources.length, 'file')}, exactly as signed by the key ${verdict.keyId}`,
          ...(verdict.goldenSource ? [`expected outputs: ${expectedOutputs[verdict.goldenSource]}`] : []),
          ...(verdict.lineage ? ['', originText(verdict.lineage, session.style)] : []),
        ].join('\n'),
    })
  },
})

async function keysOfHub(session: Session): Promise<string[]> {
  const { client } = await session.hub()
  const { keys } = await client.signingKey.list({}, { signal: session.signal })
  return keys.filter(({ kind, state }) => kind === 'hub' && state !== 'revoked').map(({ publicKeyPem }) => publicKeyPem)
}

/** `NAME:2` → `NAME/2`, as versions are named in signatures. */
function parseExpected(text: string): string {
  const { name, version } = parseModelReference(text)
  if (!/^\d+$/.test(version ?? '')) throw new Error('must be NAME:VERSION with a number')
  return `${name}/${version}`
}
