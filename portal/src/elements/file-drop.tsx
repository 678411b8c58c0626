import { Text } from '@mantine/core'
import { IconFileUpload } from '@tabler/icons-react'
import { type DragEvent, useId, useState } from 'react'
import classes from './file-drop.module.css'

/** A place to drop a training file, which is also a button to choose one. */
export function FileDrop(props: {
  label: string
  hint: string
  /** In one line, where something else on the page matters more. */
  small?: boolean
  onFile: (file: File) => void
}) {
  const id = useId()
  const [over, setOver] = useState(false)
  const drop = (event: DragEvent) => {
    event.preventDefault()
    setOver(false)
    const [file] = event.dataTransfer.files
    if (file) props.onFile(file)
  }
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping is the mouse's shortcut; the input inside takes keyboard and click
    <div
      className={classes.drop}
      data-over={over || undefined}
      data-small={props.small || undefined}
      onDragOver={(event) => {
        event.preventDefault()
        setOver(true)
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <IconFileUpload size={26} stroke={1.5} aria-hidden="true" className={classes.icon} />
      <label htmlFor={id} className={classes.label}>
        {props.label}
      </label>
      <Text size="xs" c="dimmed" ta="center">
        {props.hint}
      </Text>
      <input
        id={id}
        className={classes.input}
        type="file"
        accept=".jsonl,.ndjson,application/jsonl,application/x-ndjson"
        onChange={(event) => {
          const file = event.currentTarget.files?.[0]
          // The same file may be chosen again after it was changed.
          event.currentTarget.value = ''
          if (file) props.onFile(file)
        }}
      />
    </div>
  )
}
