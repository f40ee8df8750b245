/** Uploads in a real browser: a model dropped on the page, lines that are cut, refusals. */
import { readFile } from 'node:fs/promises'
import { makeTestGguf } from '@skerry/testkit/language-models/test-gguf'
import { float32, npzOf } from '@skerry/testkit/npz'
import { deep } from '@skerry/testkit/tier'
import { describe, expect, test } from 'vitest'
import { hasBrowser } from '../stage/browser.ts'
import { drop, goldenFile, largeModel, unaryModel } from '../stage/models-files.ts'
import { beginUpload, modelsStage } from '../stage/models-stage.ts'
import { slowLine } from '../stage/slow-line.ts'

/** Eleven pieces and a part of one: enough to be stopped in the middle. */
const WEIGHTS = 6_000_000
const LARGE_BYTES = WEIGHTS * 4

const example = (name: string) => readFile(new URL(`../../../examples/sensor-anomaly/${name}`, import.meta.url))

describe.skipIf(!hasBrowser)('uploads', () => {
  const stage = modelsStage()

  test('the upload is in sight on a phone, and leads to the playground and to a deployment', async () => {
    const { page } = await stage.visit({ width: 390, height: 844 })
    await page.goto('/models')
    await page.getByText('No models yet').waitFor()
    // In the head of the page, and on the empty list.
    const uploads = page.getByRole('link', { name: 'Upload a model' })
    expect(await uploads.count()).toBe(2)
    for (const upload of await uploads.all()) expect((await upload.boundingBox())?.y).toBeLessThan(844 - 34)
    await uploads.first().click()
    await drop(page, [
      { name: 'phone.onnx', bytes: unaryModel('Relu') },
      { name: 'golden.json', bytes: Buffer.from(JSON.stringify({ x: [[1, -2, 3]] })) },
    ])
    await page.getByText('1 golden case').waitFor()
    await beginUpload(page)
    await page.getByText('phone:1 is signed and ready').waitFor()
    const deploy = page.getByRole('link', { name: 'Deploy', exact: true })
    expect(await deploy.getAttribute('href')).toMatch(/\/deploy\?model=phone&version=/)
    await page.getByRole('link', { name: 'Playground' }).click()
    await page.getByRole('heading', { level: 1, name: 'Try phone:1' }).waitFor()
    await expect.poll(() => page.getByLabel('Golden case').inputValue()).toBe('0')
    await page.goto('/models/phone')
    const head = page.getByRole('link', { name: 'Upload a version' })
    await head.waitFor()
    expect((await head.boundingBox())?.y).toBeLessThan(844 - 34)
    await page.getByText('No device serves this model now.').waitFor()
    expect(await page.evaluate<number>('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390)
    await stage.client().model.remove({ name: 'phone' })
  })

  test(
    'a model is uploaded with its golden inputs, and becomes a signed version',
    deep('the quick test of an upload that is interrupted uploads files of the same kinds'),
    async () => {
      const { page } = await stage.visit()
      await page.goto('/models')
      await page.getByText('No models yet').waitFor()
      await page.getByRole('link', { name: 'Upload a model' }).first().click()
      await drop(page, [
        { name: 'Sensor Anomaly.onnx', bytes: await example('model-v1.onnx') },
        { name: 'golden.json', bytes: await example('golden.json') },
        { name: 'readme.txt', bytes: Buffer.from('hello') },
      ])
      await page.getByText('16 golden cases').waitFor()
      await page.getByText('Not used, because the model has no such inputs or outputs: v1, v2').waitFor()
      await page.getByRole('row', { name: /readme.txt Not needed/ }).waitFor()
      await page.getByRole('row', { name: /Input window FP32 \[any, 8, 2\]/ }).waitFor()
      expect(await page.getByLabel('Model', { exact: true }).inputValue()).toBe('sensor-anomaly')
      await page.getByLabel('Aliases').fill('champion')
      await page.getByLabel('Labels').fill('run=1')
      await page.getByLabel('Source code').fill('https://git.example/anomaly')
      await page.getByLabel('Commit').fill('4f2c1e')
      await page.getByLabel('Made with').fill('pytorch 2.6')
      await beginUpload(page)
      await page.getByText('sensor-anomaly:1 is signed and ready').waitFor()
      await page.getByRole('link', { name: 'Show the version' }).click()
      await page.getByRole('heading', { level: 1, name: 'sensor-anomaly:1' }).waitFor()
      await page.getByText('Case 1 of 16').waitFor()
      const outputs = page.getByRole('region', { name: 'Reference outputs' })
      await outputs.getByText('FP32 [1, 1]').or(outputs.getByText('FP32 [1]')).first().waitFor()
      const first = await outputs.textContent()
      await page.getByRole('button', { name: 'Next case' }).click()
      await page.getByText('Case 2 of 16').waitFor()
      expect(await outputs.textContent()).not.toBe(first)
      await page.getByText('Devices accept it').waitFor()
      await page.getByText('2 files, exactly these').waitFor()
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('link', { name: 'Download model.onnx' }).click(),
      ])
      expect((await readFile(await download.path())).equals(await example('model-v1.onnx'))).toBe(true)
      const { lineage, labels, aliases } = await stage
        .client()
        .model.getVersion({ name: 'sensor-anomaly', version: '1' })
      expect({ lineage, labels, aliases }).toMatchObject({
        lineage: { source: { uri: 'https://git.example/anomaly', commit: '4f2c1e' }, tool: 'pytorch 2.6' },
        labels: { run: '1' },
        aliases: ['champion'],
      })
    },
  )

  test(
    'uploading the same bytes again leads to the existing version',
    deep('the hub tests show that the same files are the same version'),
    async () => {
      const { page } = await stage.visit()
      await page.goto('/models/upload?model=sensor-anomaly')
      await drop(page, [
        { name: 'model.onnx', bytes: await example('model-v1.onnx') },
        { name: 'golden.json', bytes: await example('golden.json') },
      ])
      await page.getByText('Becomes version 2').waitFor()
      await page.getByLabel('Parents').fill('sensor-anomaly:1')
      await beginUpload(page)
      await page.getByText('This is sensor-anomaly:1 already').waitFor()
      const { lineage } = await stage.client().model.getVersion({ name: 'sensor-anomaly', version: '1' })
      expect(lineage?.parents).toEqual([])
    },
  )

  test('an upload survives a restart of the hub, a pause and a reload, and sends no byte twice', async () => {
    const { page } = await stage.visit()
    const line = await slowLine(page)
    const files = [...largeModel(WEIGHTS, 0.5), goldenFile({ x: [[1, 2, 3]] })]
    await page.goto('/models/upload')
    await drop(page, files)
    await page.getByText('1 golden case').waitFor()
    await beginUpload(page, 'large')
    await line.reaches(3)
    await stage.stopHub()
    line.go(3)
    await page.getByText('Waiting for the hub. The upload continues by itself.').waitFor()
    await stage.startHub()
    await line.reaches(6)
    await page.getByRole('button', { name: 'Pause' }).click()
    await page.getByText('continues from there, even after you close the page').waitFor()
    line.go(1)
    await page.getByRole('link', { name: 'Devices' }).first().click()
    await page.getByRole('dialog', { name: 'Leave while it is uploading?' }).waitFor()
    await page.getByRole('button', { name: 'Stay' }).click()
    page.once('dialog', (dialog) => void dialog.accept())
    await page.reload()
    await page.getByText('Drop the model here').waitFor()
    await drop(page, files)
    await page.getByText('1 golden case').waitFor()
    const before = line.taken.length
    line.go(Number.POSITIVE_INFINITY)
    await beginUpload(page, 'large')
    await page.getByText('large:1 is signed and ready').waitFor()
    expect(line.taken.at(before)?.offset, 'goes on where it was').toBeGreaterThan(0)
    // When the hub stops, it keeps the received part of a piece, although it never answered: the next piece begins
    // behind that part.
    const largest = line.taken.toSorted((a, b) => b.offset - a.offset).at(0)?.upload
    const ends = line.taken
      .filter(({ upload }) => upload === largest)
      .map(({ offset, bytes }) => [offset, offset + bytes])
    expect(ends.every(([offset = 0], index) => offset >= (ends[index - 1]?.[1] ?? 0))).toBe(true)
    expect(ends.at(-1)?.[1]).toBe(LARGE_BYTES)
    const golden = await stage.client().model.getVersion({ name: 'large', version: '1' })
    expect(golden).toMatchObject({ goldenCases: 1, files: [{}, {}, { path: 'weights.bin', sizeBytes: LARGE_BYTES }] })
    // The browser itself logs requests without a server, or to a hub that was about to stop.
    stage.forgive(/net::ERR_|status of (409|503)/)
  })

  test(
    'a cancelled upload frees its space on the hub',
    deep('the quick test of an upload pauses, leaves and goes on with the same pieces'),
    async () => {
      const { page } = await stage.visit()
      const line = await slowLine(page)
      await page.goto('/models/upload')
      await drop(page, largeModel(WEIGHTS, 0.75))
      await page.getByText('No golden inputs').waitFor()
      await beginUpload(page, 'unwanted')
      await line.reaches(3)
      await page.getByRole('button', { name: 'Pause' }).click()
      line.go(1)
      await page.getByRole('button', { name: 'Discard' }).click()
      await page.getByRole('dialog').getByRole('button', { name: 'Discard' }).click()
      await page.getByText('The upload is discarded').waitFor()
      const { rows } = await stage.client().audit.list({ newestFirst: 'true', action: 'upload.remove' })
      expect(rows).toHaveLength(1)
      await page.getByText('Drop the model here').waitFor()
    },
  )

  test('a language model is uploaded with its settings, and its facts are in sight before', async () => {
    const { page } = await stage.visit()
    await page.goto('/models/upload')
    await drop(page, [{ name: 'Assistant.gguf', bytes: makeTestGguf() }])
    // The default context is longer than that of the model.
    await page.getByText('gguf_invalid').waitFor()
    await drop(page, [{ name: 'language.json', bytes: Buffer.from('{"contextTokens":256}') }])
    await page.getByRole('row', { name: /language.json Settings/ }).waitFor()
    await page.getByText('No golden prompts').waitFor()
    await page.getByRole('heading', { name: 'Language model' }).waitFor()
    await beginUpload(page)
    await page.getByText('assistant:1 is signed and ready').waitFor()
    const version = await stage.client().model.getVersion({ name: 'assistant', version: '1' })
    expect(version).toMatchObject({ kind: 'gguf', language: { settings: { contextTokens: 256 } } })
    await stage.client().model.remove({ name: 'assistant' })
  })

  test('files that the hub would reject are reported before a byte is sent', async () => {
    const { page } = await stage.visit()
    const line = await slowLine(page)
    await page.goto('/models/upload')
    await drop(page, [{ name: 'a.txt', bytes: Buffer.from('x') }])
    await page.getByText('None of the files is a model').waitFor()
    await drop(page, [{ name: 'model.onnx', bytes: Buffer.from('PK\u0003\u0004 a checkpoint') }])
    await page.getByText(/a zip archive, as PyTorch checkpoints are/).waitFor()
    await page.getByText('model_not_onnx').waitFor()
    await drop(page, largeModel(10, 1).slice(0, 1))
    await page.getByRole('row', { name: /weights.bin Missing/ }).waitFor()
    await drop(page, [{ name: 'model.onnx', bytes: unaryModel('Relu') }, goldenFile({ z: [[1]] })])
    await page.getByText('there is no list of cases for the input x').waitFor()
    const upload = page.getByRole('button', { name: 'Upload', exact: true })
    expect(await upload.getAttribute('aria-disabled')).toBe('true')
    await drop(page, [{ name: 'model.onnx', bytes: unaryModel('Relu') }])
    await page.getByText('No golden inputs').waitFor()
    const [height, box] = [await page.evaluate<number>('innerHeight'), await upload.boundingBox()]
    expect(box && box.y + box.height, 'the button is in sight without scrolling').toBeLessThanOrEqual(height)
    await beginUpload(page, 'Not A Name')
    await page.getByText('must be 1 to 63 of a-z').waitFor()
    expect(line.askedCount()).toBe(0)
  })

  test('golden cases chosen after the model are added to it, and another model replaces both', async () => {
    const { page } = await stage.visit()
    await page.goto('/models/upload')
    const chooser = page.locator('input[data-chooser=files]')
    const choose = (name: string, bytes: Uint8Array) =>
      chooser.setInputFiles({ name, mimeType: 'application/octet-stream', buffer: Buffer.from(bytes) })
    await chooser.waitFor({ state: 'attached' })
    await choose('model.onnx', unaryModel('Relu'))
    await page.getByText('No golden inputs').waitFor()
    await page.getByText('Add files, or drop another model').waitFor()
    await choose('golden.npz', npzOf({ x: float32([1, 2], -1, 2) }))
    await page.getByText('1 golden case').waitFor()
    await page.getByRole('row', { name: /model.onnx Model/ }).waitFor()
    await choose('other.onnx', unaryModel('Abs'))
    await page.getByRole('row', { name: /other.onnx Model/ }).waitFor()
    await page.getByText('No golden inputs').waitFor()
    await choose('golden.npz', npzOf({ x: float32([1, 2], -1, 2) }))
    await page.getByText('1 golden case').waitFor()
    await beginUpload(page, 'second')
    await page.getByText('second:1 is signed and ready').waitFor()
  })

  test(
    'a rejection by the hub is shown with advice, and retried without reading the files again',
    deep('hub tests show the refusals, and the quick test shows refusals before a byte is sent'),
    async () => {
      const { page } = await stage.visit()
      await page.goto('/models/upload')
      await drop(page, [{ name: 'model.onnx', bytes: unaryModel('Log') }, goldenFile({ x: [[-1]] })])
      await page.getByText('1 golden case').waitFor()
      await beginUpload(page, 'refused')
      await page.getByRole('alert').getByText('golden_not_finite').waitFor()
      await page.getByText('Use inputs that the model can answer with numbers').waitFor()
      await page.getByRole('button', { name: 'Other files' }).click()

      await page.route('**/v1/uploads', (route) =>
        route.fulfill({
          status: 507,
          json: { defined: true, code: 'storage_full', status: 507, message: 'full', data: null },
        }),
      )
      await drop(page, [{ name: 'model.onnx', bytes: unaryModel('Abs') }])
      await page.getByText('No golden inputs').waitFor()
      await beginUpload(page, 'tight')
      await page.getByRole('alert').getByText('storage_full').waitFor()
      await page.getByText('Remove unused versions').waitFor()
      await page.unroute('**/v1/uploads')
      await page.getByRole('button', { name: 'Try again' }).click()
      await page.getByText('tight:1 is signed and ready').waitFor()
      stage.forgive(/status of (422|507)/)
    },
  )

  test('a model whose answers are not the expected ones is rejected in numbers, and a known one says what it left out', async () => {
    const { page } = await stage.visit()
    await page.goto('/models/upload')
    const cases = { inputs: { x: [[-1, 2]] }, outputs: { y: [[-1, 2]] } }
    await drop(page, [{ name: 'model.onnx', bytes: unaryModel('Relu') }, goldenFile(cases)])
    await page.getByText('The hub compares its answers with the expected outputs: y.').waitFor()
    await beginUpload(page, 'expected')
    const alert = page.getByRole('alert')
    await alert.getByText('golden_reference_differs').waitFor()
    await alert.getByText(/output y\[0\] is 0, expected -1 \(largest difference 1, .*1 of 2 values differ\)/).waitFor()
    await alert.getByText('to drop a corrected export').waitFor()
    await page.getByRole('button', { name: 'Other files' }).click()

    const arrays = npzOf({ x: float32([1, 2], -1, 2), y: float32([1, 2], 0, 2) })
    const files = [
      { name: 'model.onnx', bytes: unaryModel('Relu') },
      { name: 'cases.npz', bytes: arrays },
    ]
    await drop(page, files)
    await page.getByRole('row', { name: /cases.npz Golden cases/ }).waitFor()
    await beginUpload(page, 'expected')
    await page.getByText('expected:1 is signed and ready').waitFor()
    await page.getByRole('button', { name: 'Upload another' }).click()
    await drop(page, files)
    await page.getByLabel('Labels').fill('run=2')
    await page.getByLabel('Aliases').fill('champion')
    await beginUpload(page, 'expected')
    await page.getByText('This is expected:1 already').waitFor()
    const left = page.getByRole('table', { name: 'Not recorded' })
    await left.getByRole('row', { name: 'Label run 2 none' }).waitFor()
    await left.getByRole('row', { name: 'Alias champion Version 1 none' }).waitFor()
    await page.getByText('Labels and lineage never change after the first push.').waitFor()
    await page.getByRole('link', { name: 'Show the version' }).click()
    await page.getByText('given with the push; the hub agreed').waitFor()
    stage.forgive(/status of 422/)
  })

  test(
    'a browser that cannot hash the file reports it, and can try again',
    deep('a fault of the browser itself; the quick test hashes the same files'),
    async () => {
      const { page } = await stage.visit()
      await page.route('**/assets/digest-worker*', (route) => route.abort())
      await page.goto('/models/upload')
      await drop(page, [{ name: 'model.onnx', bytes: unaryModel('Neg') }])
      await page.getByText('No golden inputs').waitFor()
      await beginUpload(page, 'hashed')
      await page.getByRole('alert').getByText('file_unreadable').waitFor()
      await page.unroute('**/assets/digest-worker*')
      await page.getByRole('button', { name: 'Try again' }).click()
      await page.getByText('hashed:1 is signed and ready').waitFor()
      stage.forgive(/ERR_FAILED/)
    },
  )
})
