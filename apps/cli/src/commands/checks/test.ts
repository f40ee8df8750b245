import { writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { readYaml } from '@skerry/client/manifests/yaml-documents'
import { CHECK_FILE, type Check, CheckFile } from '@skerry/contract/checks/check-file'
import type { CheckOutcome, CheckReport } from '@skerry/contract/checks/check-result'
import { digestOf } from '@skerry/platform/files/hash'
import { asIs, command, flag, optional, usually, value } from '../../program/command.ts'
import { exitCodes, fail, wrongUsage } from '../../program/failure.ts'
import { readText } from '../../program/input-file.ts'
import type { Session } from '../../program/session.ts'
import type { Style } from '../../program/terminal/style.ts'
import { tableOf } from '../../program/terminal/table.ts'
import { countText } from '../../program/terminal/words.ts'
import { parseModelReference } from '../../program/values.ts'
import { programVersion } from '../programs/program-version.ts'
import { keyIn } from '../signing-keys/private-key.ts'
import { isModelFile, openCheckedModel } from './checked-model.ts'
import { runCheck } from './run-check.ts'

export const testModel = command({
  name: 'test',
  summary: 'Run the checks of a model: golden cases, invariance, slices, latency and size',
  details:
    `The checks are in ${CHECK_FILE}, which "skerry init" writes. The model is an ONNX file, which needs no hub, or a version of the hub. ` +
    'It runs in a process of its own, on one thread. Paths in the file begin at its folder. The exit code is 1 if a check fails. ' +
    'With --sign, the result becomes a signed in-toto statement about the files of the model. --attach gives it to the version of the hub, even if a check failed.',
  examples: [
    'skerry test',
    'skerry test model.onnx --json',
    'skerry test anomaly@candidate --checks checks/anomaly.yaml',
    'skerry test model.onnx --sign ci.pem -o test-result.sig',
    'skerry test anomaly:2 --sign ci.pem --attach',
  ],
  arguments: {
    model: optional('[model]', 'ONNX file, NAME:VERSION or NAME@alias; "model" of the file by default', asIs),
  },
  options: {
    checks: usually('--checks <file>', CHECK_FILE, 'file with the checks', asIs),
    key: value('--sign <file>', 'private key, PEM, that signs the result', asIs),
    output: value('-o, --output <file>', 'file to write the signed result to', asIs),
    attach: flag('--attach', 'attach the signed result to the version of the hub'),
  },
  async run({ model: given, checks: path, key, output, attach }, session) {
    if ((key === undefined) !== (output === undefined && !attach))
      throw wrongUsage('--sign needs --output or --attach, and both of them need --sign')
    const pair = key === undefined ? undefined : keyIn(key, await readText(key))
    const text = await readText(path)
    const file = checksIn(path, text)
    const folder = dirname(path)
    const named = given ?? modelOf(path, file)
    if (attach && isModelFile(named))
      throw wrongUsage('--attach needs a version of the hub', 'push the file, and name its version: NAME:VERSION')
    await using model = await openCheckedModel(named, session)
    const checks: CheckOutcome[] = []
    using progress = session.progress('checking', file.checks.length)
    for (const [at, check] of file.checks.entries()) {
      const verdict = await runCheck(check, { model, folder, signal: session.signal })
      checks.push({ check: check.check, name: nameOf(file.checks, at), ...clipped(verdict) })
      progress.at(at + 1)
    }
    const report: CheckReport = {
      passed: checks.every(({ passed }) => passed),
      ...(file.suite !== undefined && { suite: file.suite }),
      model: model.title,
      files: model.files,
      checkFile: digestOf(text),
      checks,
      finishedAtMs: session.io.nowMs(),
      tool: `skerry ${programVersion()}`,
    }
    if (pair) await giveSigned(report, { privateKeyPem: pair.privateKeyPem, output, attach }, session)
    session.print({ json: report, text: () => reportText(report, { output, attach }, session.style) })
    if (!report.passed) session.endWith(exitCodes.failed)
  },
})

function checksIn(path: string, text: string): CheckFile {
  const { values, problems } = readYaml(text, { file: path, schema: CheckFile })
  const [first, second] = values
  const found = problems.map(({ place, message }) => `${place}: ${message}`)
  if (second) found.push(`${second.place}: a file has one document; write all checks into one list`)
  if (found.length === 0 && !first) found.push(`${path}: the file has no checks`)
  if (!first || found.length > 0) throw fail('file_invalid', found.join('\n'))
  return first.value
}

/** A path in the file begins at the folder of the file. */
function modelOf(path: string, { model }: CheckFile): string {
  if (model === undefined) throw wrongUsage('no model is named', `name one, or write "model:" into ${path}`)
  return isModelFile(model) ? join(dirname(path), model) : model
}

/** The given name, or the check; a number is added to a name that others have. */
function nameOf(checks: readonly Check[], at: number): string {
  const names = checks.map(({ name, check }) => name ?? check)
  const own = names[at] ?? ''
  const before = names.slice(0, at).filter((name) => name === own).length
  return before === 0 ? own : `${own} ${before + 1}`
}

/** [contract, CheckOutcome] */
const MEASURED_MAX = 2_000

const clipped = ({ passed, measured, limit }: Pick<CheckOutcome, 'passed' | 'measured' | 'limit'>) => ({
  passed,
  measured: measured.slice(0, MEASURED_MAX),
  limit,
})

type Destination = { output: string | undefined; attach: boolean }

async function giveSigned(
  report: CheckReport,
  { privateKeyPem, output, attach }: Destination & { privateKeyPem: string },
  session: Session,
): Promise<void> {
  const { signTestReport } = await import('@skerry/platform/signatures/test-signature')
  const bundle = signTestReport(report, privateKeyPem)
  if (output !== undefined) await writeFile(output, `${JSON.stringify(bundle)}\n`)
  if (!attach) return
  const { client } = await session.hub()
  // The report names the number of the version, so that an alias that moves in between does no harm.
  const { name, version = 'latest' } = parseModelReference(report.model)
  await client.testReport.attach({ name, version, bundle }, { signal: session.signal })
}

function reportText({ checks, model }: CheckReport, { output, attach }: Destination, style: Style): string {
  const rows = checks.map(({ check, name, passed, measured, limit }) => [
    passed ? style.green('passed') : style.red('failed'),
    check,
    name === check ? '' : name,
    measured,
    limit,
  ])
  const failed = checks.filter(({ passed }) => !passed).length
  const total = `${model}: ${countText(checks.length, 'check')}, ${failed === 0 ? 'all passed' : `${failed} failed`}`
  const table = tableOf(style, ['RESULT', 'CHECK', 'NAME', 'MEASURED', 'LIMIT'], rows, '')
  const given = [
    ...(output === undefined ? [] : [`wrote the signed result to ${output}`]),
    ...(attach ? [`attached the signed result to ${model}`] : []),
  ]
  return [table, '', total, ...given].join('\n')
}
