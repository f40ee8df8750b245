/** Monitor performance: the performance by labels on the page of a monitor, if rows of the model are captured. */
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { captureQueries } from '../captures/capture-queries.ts'
import { capturesTexts } from '../captures/english-captures.ts'
import { PerformanceCard } from '../captures/performance-card.tsx'

export function MonitorPerformance({ model }: { model: string }) {
  const { data: captures = [] } = useQuery(captureQueries.list())
  if (!captures.some((one) => one.model === model)) return null
  const more = (
    <Link to="/captures/$model" params={{ model }} className="text-sm text-accent hover:underline">
      {capturesTexts.performance.more}
    </Link>
  )
  return <PerformanceCard model={model} aside={more} />
}
