import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { CHECK_FILE } from '@skerry/contract/checks/check-file'
import { asIs, command, optional, usually } from '../../program/command.ts'
import { fail } from '../../program/failure.ts'

const CHECKS = `# The checks of the model. "skerry test" runs them; docs/models/checks.md has all fields.
model: model.onnx
checks:
  # The answers of the framework that trained the model. The Python client and "np.savez" write such files.
  - check: golden
    file: golden.json
    tolerance: { absolute: 0.0001, relative: 0.001 }

  # The whole model, with its weight files.
  - check: size
    megabytes: 50

  # One request at a time, on one thread of this computer.
  - check: latency
    file: golden.json
    p95Ms: 50

  # A small error of a sensor must not change the answers.
  # - check: invariance
  #   name: noise of the sensor
  #   file: golden.json
  #   change: { column: 0, multiply: 1.001 }
  #   tolerance: { absolute: 0.01, relative: 0 }

  # Rows with labels. Each value of the column "site" must reach the accuracy.
  # - check: slice
  #   table: labelled.csv
  #   task: classification
  #   label: label
  #   by: site
  #   atLeast: { accuracy: 0.9 }
  #   gap: { accuracy: 0.05 }
`

const STEPS = `npm install --global --ignore-scripts "$SKERRY_PACKAGE"`

const GITHUB = `# Checks the model at each change. On the main branch, a good model becomes a new version of the hub.
# Set the variables SKERRY_PACKAGE (address of skerry.tgz) and SKERRY_HUB, and the secrets SKERRY_KEY and SKERRY_CA.
name: model
on: [push]
permissions:
  contents: read
jobs:
  test:
    runs-on: ubuntu-latest
    env:
      SKERRY_PACKAGE: \${{ vars.SKERRY_PACKAGE }}
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-node@v4
        with:
          node-version: 24
      - run: ${STEPS}
      - run: skerry test
      - if: github.ref == 'refs/heads/main'
        env:
          SKERRY_HUB: \${{ vars.SKERRY_HUB }}
          SKERRY_KEY: \${{ secrets.SKERRY_KEY }}
          SKERRY_CA: \${{ secrets.SKERRY_CA }}
        run: |
          printf '%s' "$SKERRY_CA" > "$RUNNER_TEMP/ca.pem"
          export SKERRY_CA_FILE="$RUNNER_TEMP/ca.pem"
          skerry model push model.onnx --golden golden.json --commit "$GITHUB_SHA" \\
            --source "$GITHUB_SERVER_URL/$GITHUB_REPOSITORY"
`

const GITLAB = `# Checks the model at each change. On the main branch, a good model becomes a new version of the hub.
# Set the variables SKERRY_PACKAGE (address of skerry.tgz), SKERRY_HUB, SKERRY_KEY, and SKERRY_CA_FILE (of type file).
image: node:24
test:
  script:
    - ${STEPS}
    - skerry test
push:
  needs: [test]
  rules:
    - if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH
  script:
    - ${STEPS}
    - skerry model push model.onnx --golden golden.json --commit "$CI_COMMIT_SHA" --source "$CI_PROJECT_URL"
`

const CI_FILES = {
  github: [join('.github', 'workflows', 'model.yml'), GITHUB],
  gitlab: ['.gitlab-ci.yml', GITLAB],
} as const satisfies Record<string, readonly [path: string, text: string]>

type System = keyof typeof CI_FILES

const SYSTEMS = Object.keys(CI_FILES) as System[]

const parseSystem = Object.assign(
  (text: string): System => {
    const found = SYSTEMS.find((system) => system === text)
    if (!found) throw new Error(`must be ${SYSTEMS.join(' or ')}`)
    return found
  },
  { values: SYSTEMS },
)

export const initProject = command({
  name: 'init',
  summary: 'Write a file of checks, and one for continuous integration, into the folder of a model',
  examples: ['skerry init', 'skerry init anomaly --ci gitlab'],
  arguments: { folder: optional('[folder]', 'folder to write to; created if it is missing', asIs) },
  options: {
    system: usually('--ci <system>', 'github', 'the service that runs the checks: github or gitlab', parseSystem),
  },
  async run({ folder = '.', system }, session) {
    const [ciPath, ciText] = CI_FILES[system]
    const files = [await writeNew(join(folder, CHECK_FILE), CHECKS), await writeNew(join(folder, ciPath), ciText)]
    const next = 'put model.onnx and golden.json beside it, then run "skerry test"'
    session.print({ json: { files }, text: () => [...files.map((file) => `wrote ${file}`), next].join('\n') })
  },
})

/** An existing file is never overwritten. */
async function writeNew(path: string, text: string): Promise<string> {
  try {
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, text, { flag: 'wx' })
    return path
  } catch (cause) {
    const why = cause instanceof Error && 'code' in cause && cause.code === 'EEXIST' ? 'it exists' : String(cause)
    throw fail('file_unwritable', `cannot write ${path}: ${why}`, { cause })
  }
}
