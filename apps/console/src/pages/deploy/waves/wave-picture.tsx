/** Wave picture: how many devices fall into each wave, as the hub would draw them now. */
import type { DeploymentSpec } from '@skerry/contract/deployments/deployment'
import { durationWords } from '@skerry/core/values/duration'
import { useQuery } from '@tanstack/react-query'
import { Card } from '../../../components/card.tsx'
import { cn } from '../../../components/class-names.ts'
import { Failure, Loading } from '../../../components/page-state.tsx'
import { deployQueries } from '../deploy-queries.ts'
import { useSettled } from '../draft/use-settled.ts'
import { deployTexts } from '../english-deploy.ts'

const words = deployTexts.waves

/** The card; without a spec there is something to mend first. */
export function WavePicture({ spec }: { spec: DeploymentSpec | undefined }) {
  const settled = useSettled(spec)
  const { data: plan, error, isFetching, refetch } = useQuery(deployQueries.plan(settled))
  const isOld = isFetching || spec !== settled
  const total = plan?.waves.reduce((sum, { count }) => sum + count, 0) ?? 0
  return (
    <Card
      title={words.picture}
      aside={plan && isOld && <span className="text-xs text-faint">{deployTexts.preview.counting}</span>}
    >
      {error ? <Failure error={error} onRetry={() => void refetch()} /> : null}
      {!plan && !error && <Loading rows={3} />}
      {plan && !error && (
        <ol className="flex flex-col gap-4" aria-busy={isOld}>
          {plan.waves.map(placed).map(({ name, count, index, key }) => {
            const soakSeconds = settled?.strategy.waves[index]?.soakSeconds ?? 0
            return (
              <li key={key}>
                <p className="flex items-baseline justify-between gap-3 text-sm">
                  <span className="min-w-0 truncate font-medium">
                    <span className="mr-1.5 text-xs text-faint tabular">{index + 1}</span>
                    {name}
                  </span>
                  <span className="shrink-0 text-soft tabular">{words.devices(count)}</span>
                </p>
                <span aria-hidden className="mt-1 block h-2.5 overflow-hidden rounded bg-raised">
                  <span
                    className={cn('block h-full rounded bg-accent', count > 0 && 'min-w-1')}
                    style={{ width: `${total === 0 ? 0 : (count / total) * 100}%` }}
                  />
                </span>
                {soakSeconds > 0 && <p className="mt-1 text-xs text-faint">{words.soak(durationWords(soakSeconds))}</p>}
              </li>
            )
          })}
        </ol>
      )}
    </Card>
  )
}

/** Two waves may have one name; their order is what they are known by. */
const placed = <Wave extends object>(wave: Wave, index: number) => ({ ...wave, index, key: `wave-${index}` })
