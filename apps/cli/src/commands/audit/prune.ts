import { asIs, command, list, required } from '../../program/command.ts'
import { YES } from '../../program/options.ts'
import { countText } from '../../program/terminal/words.ts'
import { readArchive } from './archive-file.ts'

export const pruneAudit = command({
  name: 'audit prune',
  summary: 'Remove the records of an archive from the hub',
  details:
    'The command verifies the file again. The hub then computes the expected file from its own records, and removes them only if the file ' +
    'is identical and no record is too young ("skerry audit retention"). The hub keeps a signed record of this, so the remaining trail can still be proven.',
  examples: ['skerry audit prune audit-2025.jsonl', 'skerry audit prune audit-2025.jsonl --yes'],
  arguments: { file: required('<file>', 'file of "skerry audit archive"', asIs) },
  options: {
    keys: list('--key <file>', 'trusted public key, PEM; by default, the keys that the hub names', asIs),
    yes: YES,
  },
  async run({ file, keys, yes }, session) {
    const { client } = await session.hub()
    const { firstSequence, sequence, digest } = await readArchive(file, keys, session)
    const what = `${countText(sequence - firstSequence + 1, 'record')}, ${firstSequence} to ${sequence}`
    await session.confirm(`remove ${what}, from the audit log; afterwards only ${file} has them`, yes)
    const archive = await client.audit.prune({ sequence, digest }, { signal: session.signal })
    session.print({ json: archive, text: () => `the hub is removing ${what}; keep ${file}, with ${digest}` })
  },
})
