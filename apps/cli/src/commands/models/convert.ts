import { CONVERSION_BYTES_MAX } from '@skerry/contract/models/tabular/conversion'
import type { TensorSpec } from '@skerry/contract/models/tensor'
import { writeAtomic } from '@skerry/platform/files/atomic-file'
import { nodeFileSystem } from '@skerry/platform/files/file-system'
import { asIs, command, required, usually } from '../../program/command.ts'
import { exitCodes, Failure } from '../../program/failure.ts'
import { readBytes } from '../../program/input-file.ts'
import { factsOf } from '../../program/terminal/table.ts'
import { sizeText } from '../../program/terminal/words.ts'

export const convertModelFile = command({
  name: 'model convert',
  summary: 'Make an ONNX file of a model of XGBoost, LightGBM, PMML or scikit-learn, on this computer',
  details:
    'It reads what XGBoost wrote with save_model("model.json"), LightGBM with save_model("model.txt"), a PMML document, and what the ' +
    'Python client describes of an estimator of scikit-learn (skerry.describe). The command asks no hub. It names what ONNX cannot ' +
    'express.',
  examples: [
    'skerry model convert quality.json',
    'skerry model convert quality.json -o quality.onnx --json',
    'skerry model convert scorecard.pmml',
  ],
  arguments: { file: required('<file>', 'the file of the model', asIs) },
  options: { out: usually('-o, --output <file>', 'model.onnx', 'the ONNX file to write', asIs) },
  async run({ file, out }, session) {
    const bytes = await readBytes(file)
    if (bytes.length > CONVERSION_BYTES_MAX) {
      throw refusal(file, { code: 'model_form_invalid', message: `it has more than ${CONVERSION_BYTES_MAX} bytes` })
    }
    // ONNX needs a library that would slow the start of every other command.
    const { convertModel } = await import('@skerry/onnx/tabular/convert')
    const converted = convertModel(bytes)
    if (!converted.ok) throw refusal(file, converted)
    const { bytes: onnx, ...facts } = converted.value
    await writeAtomic(nodeFileSystem, out, onnx)
    session.print({
      json: { ...facts, file: out, sizeBytes: onnx.length },
      text: () =>
        factsOf(session.style, [
          ['from', `${facts.framework}, ${facts.what}`],
          ['inputs', facts.inputs.map(specText).join('; ')],
          ['outputs', facts.outputs.map(specText).join('; ')],
          ...(facts.classes ? [['classes', facts.classes.join(', ')] satisfies [string, string]] : []),
          ['written', `${out}, ${sizeText(onnx.length)}`],
        ]),
    })
  },
})

const specText = ({ name, datatype, shape }: TensorSpec) =>
  `${name} ${datatype} [${shape.map((size) => (size === -1 ? 'rows' : size)).join(', ')}]`

function refusal(file: string, { code, message }: { code: string; message: string }): Failure {
  const [problem, next] = message.split(/; (?=[^;]*$)/)
  return new Failure({ code, message: `${file}: ${problem}`, next, exitCode: exitCodes.failed })
}
