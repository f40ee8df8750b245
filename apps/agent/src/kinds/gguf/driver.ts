/** GGUF driver: a language model is a process of its own, which the runner holds. */
import { GGUF_PATH } from '@skerry/contract/kinds/gguf'
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
      const loadFrom = (model: SourceFile, settings?: SourceFile): Promise<DriverAnswer> =>
        runner.load(item, { kind: 'gguf', files: { model, settings } }, 'process')
      return files.withFile(item, GGUF_PATH, (model) => {
        const hasSettings = item.files.some(({ path }) => path === LANGUAGE_SETTINGS_PATH)
        if (!hasSettings) return loadFrom(model)
        return files.withFile(item, LANGUAGE_SETTINGS_PATH, (settings) => loadFrom(model, settings))
      })
    },
  }
}

let known: boolean | undefined

function hasRuntime(): boolean {
  known ??= findRuntime(import.meta.url)
  return known
}
