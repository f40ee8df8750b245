/** `skerry audit prune` */

import { asIs, command, list, required } from '../../program/command.ts'
import { YES } from '../../program/options.ts'
import { countText } from '../../program/terminal/words.ts'
import { readArchive } from './archive-file.ts'

export const pruneAudit = command({
  name: 'audit prune',
  summary: 'Have the hub remove the records that are in an archive',
  details:
    'The file is read and verified once more; the hub then computes from its own records what the file must be, and removes them only if it ' +
    'is just that, and none of them is too young ("skerry audit retention"). What the hub signs of it stays: the rest is proven from there on.',
  examples: ['skerry audit prune audit-2025.jsonl', 'skerry audit prune audit-2025.jsonl --yes'],
  arguments: { file: required('<file>', 'what "skerry audit archive" wrote', asIs) },
  options: {
    keys: list('--key <file>', 'public key that is trusted, PEM; those that the hub names where absent', asIs),
    yes: YES,
  },
  async run({ file, keys, yes }, session) {
    const { client } = await session.hub()
    const { firstSequence, sequence, digest } = await readArchive(file, keys, session)
    const what = `${countText(sequence - firstSequence + 1, 'record')}, ${firstSequence} to ${sequence}`
    await session.confirm(`remove ${what}, from the audit trail; from then on they are in ${file} alone`, yes)
    const archive = await client.audit.prune({ sequence, digest }, { signal: session.signal })
    session.print({ json: archive, text: () => `the hub removes ${what}; keep ${file}, with ${digest}` })
  },
})
