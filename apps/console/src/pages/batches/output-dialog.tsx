/** Output dialog: what one device gave back. That somebody looked is on record. */

import type { BatchId } from '@skerry/contract/values/ids'
import { useQuery } from '@tanstack/react-query'
import { Dialog } from '../../components/dialogs/dialog.tsx'
import { CopyButton } from '../../components/facts/copyable.tsx'
import { Failure, Loading } from '../../components/page-state.tsx'
import { Scrollable } from '../../components/scrollable.tsx'
import { batchQueries } from './batch-queries.ts'
import { batchesTexts as words } from './english-batches.ts'

type Props = { batch: BatchId; device: string; onClose: () => void }

/** Shown while it is in the page. */
export function OutputDialog({ batch, device, onClose }: Props) {
  const { data, error, refetch } = useQuery(batchQueries.output(batch, device))
  return (
    <Dialog isOpen isWide onClose={onClose} title={words.outputTitle(device)}>
      {error ? <Failure error={error} onRetry={() => void refetch()} /> : null}
      {!data && !error && <Loading />}
      {data &&
        (data.output === undefined ? (
          <p className="text-sm text-soft">{words.outputNone}</p>
        ) : (
          <div className="relative">
            <Scrollable
              as="pre"
              className="max-h-[55vh] overflow-auto rounded-md bg-raised p-3 font-mono text-xs leading-relaxed whitespace-pre-wrap wrap-anywhere"
            >
              {readable(data.output)}
            </Scrollable>
            <span className="absolute top-1.5 right-2">
              <CopyButton value={data.output} what={words.copy} />
            </span>
          </div>
        ))}
    </Dialog>
  )
}

/** JSON is set out in lines; lines stay as they are. */
function readable(output: string): string {
  try {
    return JSON.stringify(JSON.parse(output), null, 2)
  } catch {
    return output
  }
}
