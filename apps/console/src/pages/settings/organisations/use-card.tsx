/** Use card: what the organisation of whoever looks uses, of what it may. */
import { useQuery } from '@tanstack/react-query'
import { Card, Facts } from '../../../components/card.tsx'
import { Failure, Loading } from '../../../components/page-state.tsx'
import { organisationsTexts as words } from './english-organisations.ts'
import { organisationQueries } from './organisation-queries.ts'
import { wordsOfUse } from './organisation-use.ts'

export function UseCard() {
  const { data, error, refetch } = useQuery(organisationQueries.use())
  const used = data && wordsOfUse(data)
  return (
    <Card title={words.use}>
      {!used && (error ? <Failure error={error} onRetry={() => void refetch()} /> : <Loading />)}
      {used && (
        <Facts
          rows={[
            [words.columns.devices, used.devices],
            [words.columns.storage, used.storage],
            [words.columns.requests, used.requests],
          ]}
        />
      )}
    </Card>
  )
}
