/** Waiting card: takes the place of content that is loading or has failed. */
import { Card } from './card.tsx'
import { Failure, Loading } from './page-state.tsx'

type WaitingCardProps = {
  /** Null while the content is loading. */
  error: unknown
  retry: () => unknown
  /** The number of placeholder rows. */
  rows?: number
}

export const WaitingCard = ({ error, retry, rows = 8 }: WaitingCardProps) => (
  <Card>{error ? <Failure error={error} onRetry={() => void retry()} /> : <Loading rows={rows} />}</Card>
)
