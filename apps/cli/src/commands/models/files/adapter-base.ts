/** Adapter base: the version of a language model whose answers an adapter changes. Its weights are at the hub already. */
import { GGUF_PATH } from '@skerry/contract/kinds/gguf'
import type { LanguageSettings } from '@skerry/contract/language-models/language-model'
import type { LineageSpec, ModelFile } from '@skerry/contract/models/model'
import { wrongUsage } from '../../../program/failure.ts'
import type { Hub } from '../../../program/session.ts'

export type AdapterBase = { model: ModelFile; settings: LanguageSettings }

/** Reads the version, which must be a language model. */
export async function readBase(
  { client }: Hub,
  { name, version }: LineageSpec['parents'][number],
  signal: AbortSignal,
): Promise<AdapterBase> {
  const detail = await client.model.getVersion({ name, version }, { signal })
  const model = detail.files.find(({ path }) => path === GGUF_PATH)
  if (model && 'language' in detail) return { model, settings: detail.language.settings }
  throw wrongUsage(`${name}:${version} is no language model`, 'an adapter changes a version with a GGUF file')
}
