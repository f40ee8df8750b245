import { createModelHost } from '@skerry/inference/host/model-host'
import { isServerReady } from '@skerry/inference/rest/oip-view'
import { expect, test } from 'vitest'
import { expectModels } from './expectant-host.ts'

const signal = new AbortController().signal
const ask = (host: ReturnType<typeof expectModels>, name: string) => host.infer(name, undefined, { inputs: [] }, signal)
const empty = () => createModelHost({ clock: { nowMs: () => 0 } })

test('an expected model is not ready, another one is unknown', async () => {
  const host = expectModels(empty(), [{ name: 'm', version: '3' }])
  expect(await ask(host, 'm')).toMatchObject({ ok: false, code: 'model_unready' })
  expect(await ask(host, 'other')).toMatchObject({ ok: false, code: 'model_unknown' })
  expect(host.served()).toMatchObject([{ name: 'm', version: '3', state: { status: 'failed' } }])
  expect([host.find('m')?.state.status, host.find('other')]).toEqual(['failed', undefined])
  expect(isServerReady(host)).toBe(false)
})

test('one that is given up is unknown, and what cannot be activated is still awaited', async () => {
  const host = expectModels(empty(), [{ name: 'm', version: '3' }])
  expect(host.activate({ name: 'm', version: '3', slot: 'none' })).toMatchObject({ ok: false })
  expect(await ask(host, 'm')).toMatchObject({ code: 'model_unready' })
  host.deactivate('m')
  expect(await ask(host, 'm')).toMatchObject({ code: 'model_unknown' })
  expect(isServerReady(host)).toBe(true)
})

test('an activated model answers for itself', () => {
  const real = empty()
  const host = expectModels({ ...real, activate: () => ({ ok: true }) }, [{ name: 'm', version: '3' }])
  host.activate({ name: 'm', version: '3', slot: 'a' })
  expect(host.served()).toEqual([])
})

test('one that went away later is not ready either, and says why', async () => {
  const host = expectModels(empty(), [])
  host.expect({ name: 'm', version: '3', reason: 'it is stopped' })
  expect(await ask(host, 'm')).toMatchObject({ code: 'model_unready', message: 'it is stopped' })
  expect(host.find('m')?.state).toEqual({ status: 'failed', reason: 'it is stopped' })
})
