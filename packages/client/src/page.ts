/** Pages: lists come in parts; this walks them all. */
import { PAGE_LIMIT_MAX } from '@skerry/contract/values/names'

type PageOf<Row> = { rows: Row[]; next?: string | undefined }
type PageRequest = { limit: number; after?: string }

/** All rows of a list, one page at a time: `eachRow((page) => client.device.list(page))`. */
export async function* eachRow<Row>(list: (page: PageRequest) => Promise<PageOf<Row>>): AsyncGenerator<Row, void> {
  let after: string | undefined
  do {
    const page = await list({ limit: PAGE_LIMIT_MAX, ...(after !== undefined && { after }) })
    yield* page.rows
    // A hub that answers its own cursor would have us ask for ever.
    if (page.next !== undefined && page.next === after) throw new Error('the hub answered the same page twice')
    after = page.next
  } while (after !== undefined)
}

/** All rows at once, for lists that people look at. */
export async function allRows<Row>(list: (page: PageRequest) => Promise<PageOf<Row>>): Promise<Row[]> {
  const rows: Row[] = []
  for await (const row of eachRow(list)) rows.push(row)
  return rows
}
