/** Archives card: what was removed from the trail after it had been written into files, each with the digest of its file. */
import { useInfiniteQuery } from '@tanstack/react-query'
import { Button } from '../../../components/button.tsx'
import { Card } from '../../../components/card.tsx'
import { Copyable, shortDigest } from '../../../components/facts/copyable.tsx'
import { Instant } from '../../../components/facts/instant.tsx'
import { Failure, Loading } from '../../../components/page-state.tsx'
import { PlainTable } from '../../../components/rows/plain-table.tsx'
import { number } from '../../../texts/count.ts'
import { receiverTexts } from './english-receivers.ts'
import { trailQueries } from './trail-queries.ts'

const words = receiverTexts.archives

/** The card; writing and removing want the file on a disk, and so the command line. */
export function ArchivesCard() {
  const { data, error, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = useInfiniteQuery(
    trailQueries.archives(),
  )
  const archives = data?.pages.flatMap(({ rows }) => rows)
  const { columns } = words
  return (
    <Card title={words.title} isFlush>
      <div className="flex flex-col gap-2 p-4 text-sm text-soft">
        <p className="max-w-prose">{words.lead}</p>
        <p>{words.how}</p>
        {words.commands.map((line) => (
          <Copyable key={line} value={line} what={line} />
        ))}
      </div>
      <div className="border-t border-line">
        {!archives && (error ? <Failure error={error} onRetry={() => void refetch()} /> : <Loading />)}
        {archives?.length === 0 && <p className="p-4 text-sm text-soft">{words.none}</p>}
        {archives && archives.length > 0 && (
          <PlainTable
            label={words.title}
            headers={[columns.records, columns.count, columns.digest, columns.at]}
            rows={archives.map(({ firstSequence, sequence, digest, atMs }) => ({
              key: String(sequence),
              cells: [
                words.range(firstSequence, sequence),
                number.format(sequence - firstSequence + 1),
                <Copyable key="digest" value={digest} shown={shortDigest(digest)} what={columns.digest} />,
                <Instant key="at" ms={atMs} />,
              ],
            }))}
          />
        )}
        {hasNextPage && (
          <div className="border-t border-line px-4 py-2">
            <Button isSmall blocked={isFetchingNextPage ? words.more : undefined} onClick={() => void fetchNextPage()}>
              {words.more}
            </Button>
          </div>
        )}
      </div>
    </Card>
  )
}
