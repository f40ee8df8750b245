/**
 * Certification of apps at level 2 with a real container engine: an honest app passes, and each lie is found
 * by its measured fact.
 * @module-tag deep starts a container engine and observes five apps for ten seconds each; the judgement has unit tests
 */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Certificate } from '@skerry/contract/market/certificate'
import { annotationsOf, checkOf } from '@skerry/core/market/certify-listing'
import { busyboxImage, hasBusybox, writeImageArchive } from '@skerry/testkit/containers/busybox-image'
import { type DockerEngine, hasDocker, startDockerEngine } from '@skerry/testkit/containers/docker-engine'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { cli } from '../../apps/cli/test/stage/cli.ts'

const LISTING = `name: hall-page
version: 1.0.0
title: Hall page
summary: Shows a page in the hall
description: description.md
categories: [dashboard]
licence: MIT
publisher: Plant
needs: { capabilities: [container], memoryBytes: 33554432 }
permissions:
  - { access: port, target: 8080/tcp, purpose: shows the page to the hall }
  - { access: mount, target: kept, purpose: keeps the number of the readers }
versions:
  - { item: app, kind: app, file: compose.yaml, images: [web.tar] }
`
const COMPOSE = `services:
  web:
    image: web:1
    ports: ['8080:80']
    volumes: ['kept:/kept']
    healthcheck: { test: [CMD, wget, -q, -O, /dev/null, 'http://127.0.0.1/'], interval: 300ms, timeout: 2s, retries: 20 }
volumes: { kept: }
`
const PAGE = 'httpd -f -p 80 -h /www'

describe.skipIf(!(hasDocker && hasBusybox))('an app in a sandbox', () => {
  let folder: string
  let engine: DockerEngine

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'skerry-containers-'))
    engine = await startDockerEngine()
  })
  afterAll(async () => {
    await engine?.[Symbol.asyncDispose]()
    if (folder !== undefined) await rm(folder, { recursive: true, force: true })
  })

  /** Certifies an app whose container runs the line. */
  async function certify(line: string, { socket = engine.socket, listing = LISTING, more = [] as string[] } = {}) {
    await mkdir(join(folder, 'hall-page'), { recursive: true })
    const image = await busyboxImage(line, { 'www/index.html': 'hello' })
    await writeImageArchive(image, { path: join(folder, 'hall-page/web.tar'), name: 'web:1' })
    await writeFile(join(folder, 'hall-page/listing.yaml'), listing)
    await writeFile(join(folder, 'hall-page/description.md'), 'A page.')
    await writeFile(join(folder, 'hall-page/compose.yaml'), COMPOSE)
    const words = ['market', 'certify', join(folder, 'hall-page'), '--level', '2', ...more]
    return cli(words, { env: { DOCKER_HOST: `unix://${socket}` } })
  }

  async function certified() {
    const text = await readFile(join(folder, 'hall-page/certificate.json'), 'utf8')
    const { level, statements } = Certificate.parse(JSON.parse(text))
    return { level, facts: new Map(statements.map((one) => [checkOf(one), annotationsOf(one)?.facts])) }
  }

  test('an honest one reaches level 2, and leaves nothing in the engine', async () => {
    expect(await certify(`echo $(($(cat /kept/count) + 1)) > /kept/count; exec ${PAGE}`)).toMatchObject({ code: 0 })
    const { level, facts } = await certified()
    expect(level).toBe(2)
    expect(facts.get('containers')).toEqual({ apps: 1, ports: '80/tcp', written: 0 })
    expect(await engine.docker('ps', '--all', '--quiet')).toBe('')
    expect(await engine.docker('volume', 'ls', '--quiet')).toBe('')
  })

  test.each([
    ['opens another port', `${PAGE} & exec httpd -f -p 9000 -h /www`, 'app listens at 9000/tcp'],
    [
      'calls out',
      `${PAGE} & while true; do wget -q -T 1 http://192.0.2.7/; sleep 1; done`,
      /app tried \d+ times to reach/,
    ],
    ['writes another file', `echo lie > /etc/motd; exec ${PAGE}`, 'web wrote /etc/motd'],
    [
      'needs more memory',
      `dd if=/dev/zero of=/dev/shm/big bs=1M count=48; exec ${PAGE}`,
      /the run took \d+ MiB, and 32 MiB are declared/,
    ],
    [
      'does not come up after a kill',
      `if [ -e /kept/lock ]; then exit 3; fi; touch /kept/lock; exec ${PAGE}`,
      'after a kill, app: web ended with exit code 3',
    ],
  ])('one that %s does not pass', async (_, line, finding) => {
    const { code, out, err } = await certify(line)
    expect(code).toBe(1)
    expect(`${out}${err}`).toMatch(finding)
  })

  test('the next version starts with the volume of before, and the version of before with that of the next', async () => {
    const key = join(folder, 'publisher.pem')
    const catalogue = ['--catalogue', join(folder, 'plant')]
    await certify(`if [ -e /kept/new ]; then exit 4; fi; touch /kept/old; exec ${PAGE}`)
    await cli(['market', 'key', key])
    await cli(['market', 'publish', join(folder, 'hall-page'), ...catalogue, '--key', key])
    const next = LISTING.replace('version: 1.0.0', 'version: 1.1.0\nreplaces: 1.0.0')
    const good = await certify(`test -e /kept/old || touch /kept/first; exec ${PAGE}`, {
      listing: next,
      more: catalogue,
    })
    expect(good.out).toMatch(/neighbours +passed +neighbours 1\.0\.0/)
    const bad = await certify(`touch /kept/new; exec ${PAGE}`, { listing: next, more: catalogue })
    expect(bad.out).toContain(
      'neighbours: app between 1.0.0 and its successor: start 3 of 3: web ended with exit code 4',
    )
  })

  test('without an engine its behaviour is unproven, which is neither a pass nor a lie', async () => {
    const { out, err } = await certify(PAGE, { socket: join(folder, 'none.sock') })
    expect(`${out}${err}`).toMatch(/containers: not run: the container engine does not answer/)
  })
})
