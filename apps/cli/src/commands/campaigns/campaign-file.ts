/** Campaign file: one campaign that a person wrote in YAML. Defaults are filled in. */

import { readYaml } from '@skerry/client/manifests/yaml-documents'
import { CampaignSpec } from '@skerry/contract/campaigns/campaign'
import { fail } from '../../program/failure.ts'
import { readText } from '../../program/input-file.ts'
import type { Session } from '../../program/session.ts'

/** Fails with `file_invalid`, and names all errors with their lines. */
export async function writtenCampaign(file: string, { io }: Session): Promise<CampaignSpec> {
  const isStdin = file === '-'
  const text = isStdin ? await io.readStdin() : await readText(file)
  const { values, problems } = readYaml(text, {
    file: isStdin ? 'stdin' : file,
    schema: CampaignSpec,
    choice: {
      field: 'kind',
      of: [
        'fedavg',
        'fedavgm',
        'fedadam',
        'fedyogi',
        'fedadagrad',
        'fedbuff',
        'scaffold',
        'median',
        'trimmed-mean',
        'krum',
        'norm-bound',
      ],
    },
  })
  if (problems.length > 0)
    throw fail('file_invalid', problems.map(({ place, message }) => `${place}: ${message}`).join('\n'))
  const [first, ...others] = values
  if (!first || others.length > 0)
    throw fail('file_invalid', `${file} must describe one campaign, not ${values.length}`)
  return first.value
}
