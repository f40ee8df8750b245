/** No golden: the advice for a version without golden cases. No build can be compared with such a version. */
import { Link } from '@tanstack/react-router'
import { Scale } from 'lucide-react'
import { Card } from '../../components/card.tsx'
import { Copyable } from '../../components/facts/copyable.tsx'
import { Empty } from '../../components/page-state.tsx'
import { buildTexts as words } from './english-builds.ts'

export const NoGolden = ({ model }: { model: string }) => (
  <Card>
    <Empty
      icon={Scale}
      title={words.noGolden}
      hint={
        <>
          {words.noGoldenHint}
          <span className="mt-2 block">
            <Copyable value={words.noGoldenCommand(model)} what={words.noGoldenCommand(model)} />
          </span>
        </>
      }
      action={
        <Link
          to="/models/upload"
          search={{ model }}
          className="text-sm font-medium text-accent underline underline-offset-4"
        >
          {words.noGoldenUpload}
        </Link>
      }
    />
  </Card>
)
