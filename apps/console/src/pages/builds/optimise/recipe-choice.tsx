/** Recipe choice: each recipe as a box to tick, with its effect, its saving and its needs. */
import { Recipe } from '@skerry/contract/builds/build'
import { useId } from 'react'
import { Button } from '../../../components/button.tsx'
import { Card } from '../../../components/card.tsx'
import { cn } from '../../../components/class-names.ts'
import { buildTexts } from '../english-builds.ts'

const words = buildTexts.optimise

type ChoiceProps = {
  chosen: ReadonlySet<Recipe>
  onChange: (chosen: ReadonlySet<Recipe>) => void
}

export function RecipeChoice({ chosen, onChange }: ChoiceProps) {
  const isAll = chosen.size === Recipe.options.length
  const toggle = (recipe: Recipe) => {
    const next = new Set(chosen)
    if (!next.delete(recipe)) next.add(recipe)
    onChange(next)
  }
  return (
    <Card
      title={words.recipes}
      aside={
        !isAll && (
          <Button isSmall look="quiet" onClick={() => onChange(new Set(Recipe.options))}>
            {words.all}
          </Button>
        )
      }
    >
      <fieldset className="min-w-0">
        <legend className="mb-3 text-sm text-soft">{words.recipesHint}</legend>
        <div className="grid gap-2 lg:grid-cols-2">
          {Recipe.options.map((recipe) => (
            <RecipeBox key={recipe} recipe={recipe} isChosen={chosen.has(recipe)} onToggle={() => toggle(recipe)} />
          ))}
        </div>
      </fieldset>
    </Card>
  )
}

function RecipeBox({ recipe, isChosen, onToggle }: { recipe: Recipe; isChosen: boolean; onToggle: () => void }) {
  const id = useId()
  const { does, saves, needs } = buildTexts.recipes[recipe]
  return (
    <label
      className={cn(
        'flex cursor-pointer items-start gap-2.5 rounded-md border p-3 has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-accent',
        isChosen ? 'border-accent bg-accent/5' : 'border-line hover:border-line-strong',
      )}
    >
      <input
        type="checkbox"
        checked={isChosen}
        onChange={onToggle}
        aria-label={recipe}
        aria-describedby={id}
        className="mt-0.5 size-4 shrink-0 accent-(--accent) outline-none"
      />
      <span className="min-w-0">
        <span className="block font-mono text-sm font-medium">{recipe}</span>
        <span id={id} className="mt-0.5 flex flex-col gap-0.5 text-xs leading-snug text-soft">
          <span>{does}</span>
          <Note name={words.saves} text={saves} />
          <Note name={words.needs} text={needs} />
        </span>
      </span>
    </label>
  )
}

const Note = ({ name, text }: { name: string; text: string }) => (
  <span>
    <span className="font-medium text-text">{name}</span> {text}.
  </span>
)
