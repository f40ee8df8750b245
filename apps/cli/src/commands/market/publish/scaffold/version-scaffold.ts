/** Version scaffold: a listing of a model or an app, whose large files the publisher puts beside it. */

const head = (name: string, title: string, summary: string) => `# A listing: "skerry market lint ${name}" checks it.
name: ${name}
version: 1.0.0
title: ${title}
summary: ${summary}
description: description.md
licence: Apache-2.0
publisher: Your company
support: https://support.example
`

const model = (
  name: string,
) => `${head(name, 'Wear of a bearing', 'Scores the wear of a bearing by its vibration')}categories: [maintenance]
# Memory that a run adds to the runtime: "skerry market certify ${name} --level 2" measures it.
needs: { capabilities: [onnx], memoryBytes: 134217728 }
versions:
  # Put model.onnx and golden.json here: inputs with the expected outputs.
  - { item: model, kind: model, file: model.onnx, golden: golden.json }
# A model needs a result on data that its training never saw, above that of a simple rule.
evidence:
  - item: model
    measure: AUC
    value: 0
    baseline: { name: the RMS of the vibration, value: 0 }
    data: name the public data, and the part that the training never saw
`

const app = (name: string) => `${head(name, 'Hall page', 'Shows a page in the hall')}categories: [dashboard]
needs: { capabilities: [container] }
settings:
  type: object
  properties:
    greeting: { type: string, title: Greeting, default: hello, maxLength: 100 }
permissions:
  - { access: port, target: 8080/tcp, purpose: shows the page to people in the hall }
versions:
  # Write web.tar with "docker save -o web.tar web:1".
  - { item: app, kind: app, file: compose.yaml, images: [web.tar], config: { GREETING: "{{ greeting }}" } }
`

const COMPOSE = `# "skerry app lint" checks it.
services:
  web:
    image: web:1
    ports: ['8080:80']
    environment: { GREETING: hello }
    healthcheck:
      test: wget -q -O /dev/null http://127.0.0.1:80/
      interval: 5s
      timeout: 2s
      retries: 3
    deploy:
      resources:
        limits: { memory: 64m, cpus: 0.5 }
`

const SCHEMA = `{
  "type": "object",
  "properties": { "GREETING": { "type": "string", "title": "Greeting", "default": "hello", "maxLength": 100 } }
}
`

/** The files by their names. */
export const modelScaffold = (name: string): Readonly<Record<string, string>> => ({
  'listing.yaml': model(name),
  'description.md': '# Wear of a bearing\n\nScores the wear of a bearing.\n',
})

/** The files by their names. */
export const appScaffold = (name: string): Readonly<Record<string, string>> => ({
  'listing.yaml': app(name),
  'description.md': '# Hall page\n\nShows a page in the hall.\n',
  'compose.yaml': COMPOSE,
  'config.schema.json': SCHEMA,
})
