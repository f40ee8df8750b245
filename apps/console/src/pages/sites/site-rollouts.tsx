/** Site rollouts: the active rollouts at the site, and the outcomes of its devices in them. */
import { useQuery } from '@tanstack/react-query'
import { Waypoints } from 'lucide-react'
import { Card } from '../../components/card.tsx'
import { outcomeText } from '../../components/charts/outcome-bar.tsx'
import { Empty, Failure, Loading } from '../../components/page-state.tsx'
import { RolloutRow } from '../../components/rows/rollout-row.tsx'
import { sitePageTexts } from './english-site.ts'
import { siteQueries } from './site-queries.ts'

const words = sitePageTexts.site

export function SiteRollouts({ site }: { site: string }) {
  const { data, error, refetch } = useQuery(siteQueries.rollouts(site))
  return (
    <Card title={words.rollouts} isFlush>
      {error ? <Failure error={error} onRetry={() => void refetch()} /> : null}
      {!data && !error && <Loading />}
      {data?.length === 0 && <Empty icon={Waypoints} title={words.noRollouts} />}
      <ul className="divide-y divide-line">
        {data?.map(({ rollout, counts }) => (
          <RolloutRow key={rollout.id} rollout={rollout} counts={counts}>
            {words.rolloutHere(Object.values(counts).reduce((sum, count) => sum + count, 0))}: {outcomeText(counts)}
          </RolloutRow>
        ))}
      </ul>
    </Card>
  )
}
