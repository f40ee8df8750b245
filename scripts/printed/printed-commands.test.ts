import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { DeploymentSpec } from '@skerry/contract/deployments/deployment'
import { deployCommand } from '@skerry/core/deployments/deploy-command'
import { PRESET_NAMES, presetStrategy } from '@skerry/core/deployments/strategy-presets'
import { expect, test } from 'vitest'
import { commands } from '../../apps/cli/src/program/command-list.ts'
import { inferCommand } from '../../apps/console/src/pages/playground/snippets/run-commands.ts'
import { alertTexts } from '../../apps/console/src/texts/english-alerts.ts'
import { commandTrouble } from './check-command.ts'
import { printedCommands } from './printed-commands.ts'

/** Tests run their commands or plant wrong ones. Golden files, releases and the change log tell of other times. */
const OTHERS =
  /\.test\.tsx?$|(^|\/)test\/|^apps\/cli\/src\/snapshots\/|^CHANGELOG\.md$|^scripts\/printed\/|package-lock/

const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '--deduplicate'], {
  encoding: 'utf8',
})
  .split('\n')
  .filter((path) => /\.(?:tsx?|mjs|md|ya?ml|sh|py|service|tpl|txt|conf)$|Dockerfile/.test(path))
  .filter((path) => !OTHERS.test(path) && existsSync(path))

const found = files.flatMap((path) =>
  printedCommands(readFileSync(path, 'utf8'), { isMarkdown: path.endsWith('.md') }).map((command) => ({
    path,
    command,
  })),
)

/** The trouble of each command in the text, as a page of documents has it or as code has it. */
const troublesOf = (text: string, isMarkdown: boolean) => printedCommands(text, { isMarkdown }).map(commandTrouble)

test('every command that a document, a text, an error or a comment prints is one that the CLI takes', () => {
  const troubles = found.flatMap(({ path, command }) => {
    const trouble = commandTrouble(command)
    const line = command.words.map(({ text }) => text).join(' ')
    return trouble === undefined ? [] : [`${path}:${command.line}: skerry ${line}: ${trouble}`]
  })
  expect(troubles).toEqual([])
})

test.each([
  'README.md',
  'docs/',
  'apps/hub/',
  'apps/agent/',
  'apps/cli/',
  'apps/console/',
  'packages/core/',
  'deploy/',
])('commands are found in %s', (folder) => {
  expect(found.some(({ path }) => path.startsWith(folder))).toBe(true)
})

test('every example of a command is complete', () => {
  const troubles = commands.flatMap(({ examples }) =>
    examples.flatMap((example) => troublesOf(`\`\`\`\n${example}\n\`\`\`\n`, true)),
  )
  expect(troubles.length).toBeGreaterThanOrEqual(commands.length)
  expect(troubles.filter((trouble) => trouble !== undefined)).toEqual([])
})

test('commands that the console builds are complete', () => {
  const deploys = PRESET_NAMES.flatMap((preset) => {
    const strategy = presetStrategy(preset)
    const spec = DeploymentSpec.parse({ name: 'line-4', deployable: 'anomaly', version: '2', strategy })
    return deployCommand({ ...spec, selector: 'device.labels.line == "4"' }) ?? []
  })
  const run = { hub: 'https://hub.example', device: 'press-4', model: 'anomaly', version: 2 }
  const inputs = [{ name: 'window', datatype: 'FP32' as const, shape: [1, 2], data: [1, 2] }]
  const infer = inferCommand({ ...run, inputs })?.command ?? ''
  const { device, model, deploy } = alertTexts.steps
  const steps = [device.command('oslo'), model.command(), deploy.command()]
  const lines = [...deploys, infer, ...steps]
  expect(deploys.length).toBeGreaterThan(2)
  const troubles = lines.flatMap((line) => troublesOf(`\`\`\`\n${line}\n\`\`\``, true).map((one) => [line, one]))
  expect(troubles.filter(([, trouble]) => trouble !== undefined)).toEqual([])
  expect(troubles.length).toBe(lines.length + 1)
})

test.each([
  ['run `skerry model upload`', 'no such command: model upload'],
  ['run `skerry model push my-model model.onnx`', 'too many arguments'],
  ['run `skerry deploy --preview`', 'has no option --preview'],
  ['run `skerry device retry press-4`', 'missing required argument'],
  ['run `skerry device quarantine DEVICE`', '--reason <text> is missing'],
  ['run `skerry hub --port 80`', "unknown option '--port'"],
  ['```\n$ skerry device show\n```', 'missing required argument'],
  ['```\nskerry deploy anomaly:2 --canary \\\n  ten\n```', 'cannot be "ten"'],
  ['```\nskerry login $(skerry key print)\n```', 'no such command: key print'],
])('a wrong command in a document is found: %s', (text, trouble) => {
  expect(troublesOf(text, true).filter((one) => one !== undefined)).toEqual([expect.stringContaining(trouble)])
})

test.each([
  ['next: \'look at "skerry model info"\'', 'no such command: model info'],
  [`const line = \`skerry model show \${name} \${version}\``, 'too many arguments'],
  ["message: 'it failed; \"skerry rollout ' +\n  'halt NAME\" ends it'", 'no such command: rollout halt'],
  ["hint: 'run skerry certificate make, then wait'", 'no such command: certificate make'],
  ["hint: 'the plan (skerry deploy --preview) has it'", 'has no option --preview'],
  ['<code>skerry fleet</code>', 'no such command: fleet'],
])('a wrong command in code is found: %s', (text, trouble) => {
  expect(troublesOf(text, false)).toEqual([expect.stringContaining(trouble)])
})

test.each([
  '`skerry device show DEVICE`',
  '`skerry device show <device> --json`',
  `\`skerry model show \${model.name}\``,
  '`skerry deploy ... --dry-run`',
  '`skerry apply -f`',
  '`skerry certificate`',
  '`skerry secret set NAME < password.txt`',
  '`skerry device ls | wc -l`',
  '`skerry device ls --help`',
  `\`skerry capture set NAME --redact 'x[1]' --purpose TEXT\``,
  `\`skerry rollout \${verb} NAME --reason TEXT\``,
])('a right command passes: %s', (text) => {
  expect(troublesOf(text, true)).toEqual([undefined])
})

test('the name of a key or of a connection is no command', () => {
  expect(troublesOf("const PURPOSE = 'skerry device key v1'\nname: 'skerry hub, writer'", false)).toEqual([])
})
