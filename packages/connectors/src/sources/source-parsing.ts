/**
 * Source parsing: a source from the text of its file. To parse 10,000 tags takes 0.1 s, which blocks the thread, and
 * leaves 11 MB that the collector rarely frees. So a thread that ends afterwards parses large texts.
 */
import { Worker } from 'node:worker_threads'
import { Source } from '@skerry/contract/sources/source'
import { type ParsedText, parseText } from '@skerry/contract/values/parse-text'
import { whenThreadEnds } from '@skerry/platform/process/supervise'

/** Some 2,000 tags. Below that, a thread costs more than it saves. */
const TEXT_MAX = 262_144

const THREAD = new URL(`./source-parsing-worker${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url)

/** The message names the first mistake. Rejects if the text is not JSON. */
export async function parseSource(text: string): Promise<ParsedText<Source>> {
  if (text.length <= TEXT_MAX) return parseText(Source, text)
  const thread = new Worker(THREAD, { workerData: text })
  let parsed: ParsedText<Source> | undefined
  thread.on('message', (said: ParsedText<Source>) => {
    parsed = said
  })
  const message = await whenThreadEnds(thread)
  if (!parsed) throw new Error(message)
  return parsed
}
