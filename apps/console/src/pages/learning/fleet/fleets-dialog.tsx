/** Fleets dialog: the orders by which each of several machines learns, each with the way to its page. */
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Dialog } from '../../../components/dialogs/dialog.tsx'
import { Failure, Loading } from '../../../components/page-state.tsx'
import { learningTexts } from '../english-learning.ts'
import { learningQueries } from '../learning-queries.ts'

const words = learningTexts.fleet

export function FleetsDialog({ onClose }: { onClose: () => void }) {
  const { data, error, refetch } = useQuery(learningQueries.fleets())
  return (
    <Dialog isOpen onClose={onClose} title={words.orders} lead={words.ordersLead}>
      {!data && (error ? <Failure error={error} onRetry={() => void refetch()} /> : <Loading rows={3} />)}
      {data?.length === 0 && <p className="text-sm text-soft">{words.noOrders}</p>}
      <ul className="flex flex-col gap-3">
        {(data ?? []).map(({ id, spec, phases, leftOut }) => (
          <li key={id} className="text-sm">
            <Link
              to="/learning/fleets/$name"
              params={{ name: spec.name }}
              className="rounded font-medium hover:text-accent hover:underline"
            >
              {spec.name}
            </Link>
            <span className="block text-soft">{words.state(phases, leftOut.length)}</span>
          </li>
        ))}
      </ul>
    </Dialog>
  )
}
