/** The header of a table: `numbers` are aligned right, `hidden` ones are only for screen readers. */
export const TableHead = ({
  columns,
  numbers = [],
  hidden = [],
}: {
  readonly columns: readonly string[]
  readonly numbers?: readonly string[]
  readonly hidden?: readonly string[]
}) => (
  <thead>
    <tr>
      {columns.map((title) => (
        <th scope="col" {...(numbers.includes(title) ? { class: 'number-head' } : {})}>
          {hidden.includes(title) ? <span class="hidden-text">{title}</span> : title}
        </th>
      ))}
    </tr>
  </thead>
)
