{#- A bound of a survival curve on the log-log scale (Kalbfleisch–Prentice); z > 0 gives the lower one. 1 before any event. -#}
{% macro log_log_bound(survival, variance, z) -%}
    case
        when {{ survival }} = 1 then 1
        when {{ survival }} > 0
            then exp(-exp(ln(-ln({{ survival }})) - ({{ z }}) * sqrt({{ variance }}) / ln({{ survival }})))
    end
{%- endmacro %}
