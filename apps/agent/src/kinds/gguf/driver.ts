/** GGUF driver: a language model is a process of its own, which the runner holds. */
import { ADAPTER_PATH, GGUF_PATH } from '@skerry/contract/kinds/gguf'
import { LANGUAGE_SETTINGS_PATH } from '@skerry/contract/language-models/language-model'
import type { SourceFile } from '@skerry/inference/runtime/model-source'
import type { Driver, DriverAnswer } from '../driver.ts'
import { lackOf, type RunnerDriverDeps, runnerDriver } from '../runner-driver.ts'
import { findRuntime } from './find-runtime.ts'

export const openGgufDriver = (deps: RunnerDriverDeps): Driver => {
  const { runner, files } = deps
  return {
    ...runnerDriver('gguf', deps),
    isCapable: hasRuntime,
    async load(item) {
      const lack = lackOf(GGUF_PATH, item)
      if (lack) return lack
      // Its crash ends its own process only, so the marks of shared threads do not apply.
      const loadFrom = (model: SourceFile, settings?: SourceFile, adapter?: SourceFile): Promise<DriverAnswer> =>
        runner.load(item, { kind: 'gguf', files: { model, settings, adapter } }, 'process')
      const withPresent = (path: string, work: (file?: SourceFile) => Promise<DriverAnswer>) =>
        item.files.some((file) => file.path === path) ? files.withFile(item, path, work) : work()
      return files.withFile(item, GGUF_PATH, (model) =>
        withPresent(LANGUAGE_SETTINGS_PATH, (settings) =>
          withPresent(ADAPTER_PATH, (adapter) => loadFrom(model, settings, adapter)),
        ),
      )
    },
  }
}

let known: boolean | undefined

function hasRuntime(): boolean {
  known ??= findRuntime(import.meta.url)
  return known
}
