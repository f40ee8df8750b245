/** Apps in a real browser: their pages, the form of their settings, and their containers on a device. */
import { uploadBlob } from '@skerry/client/upload-blob'
import { canonicalJson } from '@skerry/core/values/canonical-json'
import { digestOf } from '@skerry/platform/files/hash'
import { imageOf } from '@skerry/testkit/images/image-archive'
import { describe, expect, test } from 'vitest'
import { hasBrowser } from '../stage/browser.ts'
import { modelsStage } from '../stage/models-stage.ts'

const image = imageOf({ layers: ['one'] })

const app = {
  v: 1,
  services: {
    web: {
      image: digestOf(image.manifest),
      imageId: digestOf(image.config),
      imageName: 'web:1',
      platform: { os: 'linux', architecture: 'amd64' },
      ports: [{ host: 8080, container: 80, protocol: 'tcp', address: '127.0.0.1' }],
      healthcheck: { test: ['CMD', 'true'], intervalMs: 5_000, timeoutMs: 2_000, retries: 3, startPeriodMs: 0 },
      resources: { memoryBytes: 64 * 1024 ** 2, cpus: 0.5, pids: 64 },
      restart: 'unless-stopped',
      stopGraceMs: 10_000,
    },
  },
  config: {
    type: 'object',
    properties: {
      GREETING: { type: 'string', title: 'Greeting', default: 'hello' },
      LIMIT: { type: 'integer', title: 'Limit', maximum: 10 },
      LOUD: { type: 'boolean', title: 'Loud', default: false },
    },
  },
}

describe.skipIf(!hasBrowser)('apps', () => {
  const stage = modelsStage()

  async function push() {
    const files = new Map<string, Buffer>([['app.json', Buffer.from(canonicalJson(app))]])
    for (const bytes of [image.manifest, image.config, ...image.layers]) {
      files.set(`blobs/sha256/${digestOf(bytes).slice(7)}`, bytes)
    }
    for (const bytes of files.values()) {
      const source = (start: number) => new Blob([new Uint8Array(bytes.subarray(start))]).stream()
      const blob = { digest: digestOf(bytes), sizeBytes: bytes.length, source, delayMs: () => 0 }
      await uploadBlob(stage.connection(), blob, AbortSignal.timeout(60_000))
    }
    const named = [...files].map(([path, bytes]) => ({ path, digest: digestOf(bytes) }))
    await stage.client().model.push({ name: 'dashboard', files: named })
  }

  test('an app has a page, its release shows its services, and the wizard has a form for its settings', async () => {
    const { page } = await stage.visit()
    await page.goto('/apps')
    await page.getByText('No apps yet').waitFor()
    await push()
    await page.getByRole('link', { name: 'dashboard' }).click()
    await page.getByRole('heading', { level: 1, name: 'dashboard' }).waitFor()
    await page.getByRole('row', { name: /web web:1 127\.0\.0\.1:8080 → 80\/tcp .+ processors every 5 s/ }).waitFor()
    await page.goto('/models/dashboard/versions/1')
    await page.getByRole('row', { name: /Greeting string hello/ }).waitFor()
    await page.getByRole('row', { name: /web web:1/ }).waitFor()
    await page.goto('/deploy?model=dashboard')
    await page.getByLabel('Limit').fill('11')
    await page.getByText('must be at most 10').waitFor()
    await page.getByLabel('Limit').fill('7')
    await page.getByLabel('Loud').selectOption('true')
    await expect.poll(() => decodeURIComponent(page.url())).toContain('config={"LIMIT":7,"LOUD":true}')
    await page.getByLabel('Place').fill('press-1')
    await page.getByText('Write site:NAME or device:NAME, each place once').first().waitFor()
    await page.getByLabel('Place').fill('device:press-1')
    await page.getByRole('button', { name: 'Add', exact: true }).click()
    await page.getByRole('heading', { name: 'Settings at device:press-1' }).waitFor()
    await page.getByLabel('Limit').nth(1).fill('3')
    await expect.poll(() => decodeURIComponent(page.url())).toContain('"place":"device:press-1"')
    await page.goto(`${page.url().split('#')[0]}&step=review`)
    await page.getByText('--set LIMIT=7 --set LOUD=true --set-at device:press-1/LIMIT=3').first().waitFor()
  })
})
