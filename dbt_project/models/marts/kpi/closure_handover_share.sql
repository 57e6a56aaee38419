-- Grain: one municipality × month (see kpi_rows).
{{ share_of_closures('C1') }}
