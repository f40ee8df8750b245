/** Rollback change: the effect of a rollback that waits for the approval of a second person. */
import { useQuery } from '@tanstack/react-query'
import { Failure, Loading } from '../../../components/page-state.tsx'
import { deployQueries } from '../../deploy/deploy-queries.ts'
import { rollbackTexts as words } from './english-rollback.ts'
import { RollbackPreview } from './rollback-preview.tsx'

type ChangeProps = { deployment: string; to: number | undefined; isOpen: boolean }

export function RollbackChange({ deployment, to, isOpen }: ChangeProps) {
  const { data, error } = useQuery({ ...deployQueries.rollback(deployment, to), enabled: isOpen })
  if (!isOpen) return to === undefined ? null : <p className="text-sm">{words.buttonTo(to)}</p>
  if (!data) return error ? <Failure error={error} /> : <Loading rows={3} />
  return <RollbackPreview preview={data} />
}
