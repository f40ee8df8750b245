/**
 * Follow documents: receives every held document over one stream, for as long as the link holds, and reports the
 * documents that the device holds. Documents do not wait for each other: one may need minutes to fetch. Of one name
 * only the newest waits, because each is complete.
 */
import { HeldMessage } from '@skerry/contract/held/held-document'
import type { LinkClient } from '../link/signed-streams.ts'
import type { HeldDocument } from './held-document.ts'
import type { HeldProblems } from './held-problems.ts'

type Client = Pick<LinkClient, 'documents' | 'held'>

export type Following = {
  documents: readonly HeldDocument<unknown, unknown>[]
  problems: HeldProblems
  /** Resolves when the hub has proved that it is the hub. */
  proved: Promise<void>
  /** The message that proves the hub has come, and has been taken. */
  onProof(): void
}

/** Never returns. If a hub ends the stream, it has a fault, and the device connects again. */
export async function followDocuments(it: Following, client: Client, signal: AbortSignal): Promise<never> {
  const boxes = new Map(it.documents.map(({ kind }) => [kind.name, createBox()]))
  const stream = await client.documents({ names: [...boxes.keys()] }, { signal })
  return Promise.race([
    sortMessages(stream, boxes, it.problems),
    ...it.documents.map((document) => {
      const box = boxes.get(document.kind.name)
      if (!box) throw new Error(`no box for ${document.kind.name}`)
      return followDocument({ ...it, document, box }, client, signal)
    }),
  ])
}

async function sortMessages(
  stream: AsyncIterable<unknown>,
  boxes: ReadonlyMap<string, Box>,
  problems: HeldProblems,
): Promise<never> {
  for await (const offered of stream) {
    const { name, document } = HeldMessage.parse(offered)
    const box = boxes.get(name)
    if (box) box.put(document)
    else problems.unreadable(name, 'the agent does not know this document')
  }
  throw new Error('the hub ended the stream of documents')
}

type FollowingOne = Following & { document: HeldDocument<unknown, unknown>; box: Box }

async function followDocument(it: FollowingOne, client: Client, signal: AbortSignal): Promise<never> {
  const { document, proved } = it
  if (document.begins === 'proved') await proved
  await report(it, client, signal)
  return Promise.race([takeEach(it, client, signal), ...(document.news ? [reportNews(it, client, signal)] : [])])
}

async function takeEach(it: FollowingOne, client: Client, signal: AbortSignal): Promise<never> {
  const { document, box, problems } = it
  const { name } = document.kind
  for (;;) {
    const offered = await box.take()
    // A document may still be in work when the link ends. The waiting document may be older than the first one of the
    // next link.
    signal.throwIfAborted()
    const read = document.kind.document.safeParse(offered)
    if (!read.success) {
      problems.unreadable(name, read.error.issues[0]?.message ?? 'it cannot be read')
      continue
    }
    problems.readable(name)
    if ((await document.take(read.data, signal)) === 'report') await report(it, client, signal)
    if (document.begins === 'proof') it.onProof()
  }
}

async function reportNews(it: FollowingOne, client: Client, signal: AbortSignal): Promise<never> {
  let reported = ''
  for (;;) {
    await it.document.news?.(signal)
    const held = await it.document.held()
    const text = JSON.stringify(held)
    // While nothing moves there is nothing to report.
    if (text === reported) continue
    await send(it, client, held, signal)
    reported = text
  }
}

const report = async (it: FollowingOne, client: Client, signal: AbortSignal): Promise<void> =>
  send(it, client, await it.document.held(), signal)

async function send(
  { document, problems }: FollowingOne,
  client: Client,
  held: unknown,
  signal: AbortSignal,
): Promise<void> {
  const { name } = document.kind
  const { problem } = await client.held({ name, held }, { signal })
  if (problem !== undefined) problems.rejected(name, problem)
}

/** Holds the newest document of a name until it is taken. */
type Box = { put(document: unknown): void; take(): Promise<unknown> }

function createBox(): Box {
  let newest: { document: unknown } | undefined
  let filled = Promise.withResolvers<void>()
  return {
    put(document) {
      newest = { document }
      filled.resolve()
    },
    async take() {
      await filled.promise
      filled = Promise.withResolvers()
      return newest?.document
    },
  }
}
