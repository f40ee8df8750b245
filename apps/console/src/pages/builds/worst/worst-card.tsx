/** Worst card: the worst nodes of each recipe of an optimisation that missed its goal at first. */
import type { Optimisation } from '@skerry/contract/builds/build'
import { Card } from '../../../components/card.tsx'
import { worstTexts as words } from './english-worst.ts'
import { WorstNodes } from './worst-nodes.tsx'

/** As many as a person compares at a glance; the result holds 20. */
const SHOWN = 10

export function WorstCard({ run }: { run: Optimisation }) {
  const ranked = run.results.flatMap(({ recipe, worstNodes = [], returned = 0 }) =>
    worstNodes.length === 0 ? [] : [{ recipe, nodes: worstNodes, returned }],
  )
  if (ranked.length === 0) return null
  return (
    <Card title={words.title}>
      <p className="mb-4 max-w-3xl text-sm text-soft">{words.hint}</p>
      <div className="grid gap-x-8 gap-y-6 lg:grid-cols-2">
        {ranked.map((each) => (
          <section key={each.recipe} className="min-w-0">
            <h3 className="mb-2 font-mono text-xs font-medium">{each.recipe}</h3>
            <WorstNodes {...each} shown={SHOWN} />
          </section>
        ))}
      </div>
    </Card>
  )
}
