import { CycloneDx } from '@skerry/contract/vulnerabilities/osv'
import { parseJson } from '@skerry/core/values/parse-json'
import { asIs, command, required } from '../../program/command.ts'
import { fail } from '../../program/failure.ts'
import { readText } from '../../program/input-file.ts'
import { countText } from '../../program/terminal/words.ts'
import { parseModelReference } from '../../program/values.ts'

export const setParts = command({
  name: 'vulnerability parts',
  summary: 'Set the parts of a version from a bill of materials (CycloneDX, JSON)',
  details:
    'Scanners such as syft and trivy write such a file for a container image, and "npm run sbom" writes one for the agent. The parts ' +
    'replace those that were set before. They are compared with all imported advisories.',
  examples: [
    'skerry vulnerability parts dashboard:3 dashboard.cdx.json',
    'skerry vulnerability parts skerry-agent agent.cdx.json',
  ],
  arguments: {
    reference: required('<version>', 'NAME, NAME:VERSION or NAME@alias; the latest by default', parseModelReference),
    file: required('<file>', 'bill of materials, CycloneDX in JSON', asIs),
  },
  options: {},
  async run({ reference: { name, version = 'latest' }, file }, session) {
    const parsed = CycloneDx.safeParse(parseJson(await readText(file)))
    if (!parsed.success) {
      const [issue] = parsed.error.issues
      throw fail('file_invalid', `${file} is no CycloneDX document: ${issue?.path.join('.')} ${issue?.message}`)
    }
    const { client } = await session.hub()
    const wish = { name, version, bom: parsed.data }
    const done = await client.vulnerability.setParts(wish, { signal: session.signal })
    const rest = done.ignored > 0 ? `; ${done.ignored} others have no package URL that advisories know` : ''
    session.print({ json: done, text: () => `${name}:${done.version} has ${countText(done.parts, 'part')}${rest}` })
  },
})
