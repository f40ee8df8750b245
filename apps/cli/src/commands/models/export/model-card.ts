/** Model card: README.md of a version, with the metadata block that Hugging Face reads [hub documentation, model cards]. */
import type { ModelVersionDetail } from '@skerry/contract/models/model'
import type { TensorSpec } from '@skerry/contract/models/tensor'

/** The text of the file. */
export function modelCard(name: string, { version, digest, summary, labels, lineage }: ModelVersionDetail): string {
  const notes = lineage?.notes
  return [
    '---',
    'library_name: onnx',
    'tags:',
    '- onnx',
    '---',
    '',
    `# ${name}, version ${version}`,
    '',
    ...(notes === undefined || notes === '' ? [] : [plain(notes), '']),
    `Digest of the version: \`${digest}\``,
    '',
    ...tensorLines('Inputs', summary.inputs),
    ...tensorLines('Outputs', summary.outputs),
    ...Object.entries(labels).map(([key, value]) => `- ${plain(key)}: ${plain(value)}`),
    '',
  ].join('\n')
}

const tensorLines = (title: string, specs: readonly TensorSpec[]) => [
  `## ${title}`,
  '',
  '| name | type | shape |',
  '|---|---|---|',
  ...specs.map(({ name, datatype, shape }) => `| ${plain(name)} | ${datatype} | ${shape.join(' × ') || 'scalar'} |`),
  '',
]

/** Names and notes come from others: they must not be Markdown, HTML or columns. */
const plain = (text: string) =>
  text.replaceAll(/[\p{C}]+/gu, ' ').replaceAll(/[\\`*_{}[\]<>|#&]/g, (mark) => `\\${mark}`)
