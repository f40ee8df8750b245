/** Served driver: models that an app on this device answers for over the Open Inference Protocol. */
import { SERVED_PATH } from '@skerry/contract/kinds/served'
import { ServedModel } from '@skerry/contract/models/served-model'
import { servingOf } from '@skerry/core/kinds/kinds'
import { type AppModelDeps, appModelDriver } from '../app-model-driver.ts'
import type { Driver } from '../driver.ts'

export const openServedDriver = (deps: AppModelDeps): Driver => ({
  ...appModelDriver(deps, {
    kind: 'served',
    path: SERVED_PATH,
    schema: ServedModel,
    endpointOf: ({ app, model }) => deps.apps.endpointOf(app, { model, protocol: 'oip' }),
    absence: ({ app, model }) => `no running release of the app ${app} serves the model ${model}`,
    loadOf: ({ inputs, outputs, model }, endpoint, item) => ({
      kind: 'served',
      files: { ...endpoint, model, signature: { inputs, outputs }, timeoutMs: servingOf(item).deadlineMs },
    }),
  }),
  mirror: (item, rules) => deps.files.withGolden(item, (golden) => deps.runner.mirror(item, rules, golden?.golden)),
  announce: deps.runner.expect,
})
